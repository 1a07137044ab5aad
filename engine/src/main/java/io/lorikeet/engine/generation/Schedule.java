package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What one step has to do, in this order.
 *
 * @param ended leave now
 * @param wanted adapter versions that have to come to the device before a waiting sequence can begin
 * @param admitted begin now, each in its cache slot
 * @param prompts pieces of prompts to run; a token for all that decode comes after them
 */
record Schedule(List<Ended> ended, List<ServedVersion> wanted, List<Admitted> admitted, List<PromptWork> prompts) {
    /**
     * A sequence that leaves before its answer is complete.
     *
     * @param error what went wrong; none: it was cancelled
     */
    record Ended(Sequence sequence, Optional<EngineException> error) {}

    /**
     * A sequence that begins.
     *
     * @param prefix place in the prefix cache of the prompt's first {@code cached} tokens; none: it begins with nothing
     */
    record Admitted(Sequence sequence, OptionalInt prefix, int cached) {}
}

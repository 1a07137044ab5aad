package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import java.util.List;
import java.util.Optional;

/**
 * Hears of one answer as it grows: {@code started}, any number of {@code delta}, then {@code finished} or {@code failed}.
 * Called on the engine's thread, which serves everyone: return at once.
 */
public interface TokenListener {
    /** The request runs now, with this adapter (none: the base model). */
    void started(Optional<AdapterVersion> adapter);

    /**
     * More text; never half a character.
     *
     * @param logprobs of the tokens that the text is made of, if they were asked for
     */
    void delta(String text, List<TokenLogprobs> logprobs);

    void finished(GenerationResult result);

    void failed(EngineException error);
}

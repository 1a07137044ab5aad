package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.inference.api.Completion.Choice;
import java.util.List;
import java.util.Optional;

/** What chat and text completions word differently: their choices. For one request. */
interface ChoiceWriter {
    /** Name of a whole completion. */
    String object();

    /** Name of a chunk. */
    String chunkObject();

    Choice whole(int index, String text, List<TokenLogprobs> logprobs, String finishReason);

    /** What opens a choice in a stream. */
    Optional<Choice> first(int index);

    /** What further text adds; nothing yet, perhaps. */
    List<Choice> delta(int index, String text, List<TokenLogprobs> logprobs);

    /** What ends a choice. */
    List<Choice> last(int index, String finishReason);
}

package io.lorikeet.engine.generation;

import io.lorikeet.engine.EngineException;
import java.util.Optional;

/**
 * Hears of one request's answer as it grows: {@code started}, any number of {@code delta}, then {@code finished} or {@code
 * failed}. Called on the engine's thread, which serves everyone: return at once.
 */
public interface TokenListener {
    /** The request runs now, with this adapter (none: the base model). */
    void started(Optional<AdapterVersion> adapter);

    /** More text; never half a character. */
    void delta(String text);

    void finished(GenerationResult result);

    void failed(EngineException error);
}

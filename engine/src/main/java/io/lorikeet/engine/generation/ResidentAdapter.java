package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.AdapterStatus.State;
import java.util.Optional;

/**
 * An adapter version in an adapter slot. Guarded by its {@link AdapterTable}.
 *
 * @see AdapterTable
 */
final class ResidentAdapter {
    private final AdapterVersion version;
    private final Optional<String> system;
    private final int slot;
    private final int r;
    private final long bytes;
    private State state = State.LOADING;
    private int running;

    ResidentAdapter(AdapterVersion version, PeftAdapter adapter, Optional<String> system, int slot) {
        this.version = version;
        this.system = system;
        this.slot = slot;
        this.r = adapter.config().r();
        this.bytes = adapter.parameterCount() * Float.BYTES;
    }

    AdapterVersion version() {
        return version;
    }

    /** The system prompt it was trained with; none: the model's own default; empty: no system block. */
    Optional<String> system() {
        return system;
    }

    int slot() {
        return slot;
    }

    State state() {
        return state;
    }

    void moveTo(State next) {
        state = next;
    }

    void begin() {
        running++;
    }

    void end() {
        running--;
    }

    boolean isFree() {
        return state == State.DRAINING && running == 0;
    }

    AdapterStatus status() {
        return new AdapterStatus(version.name(), version.version(), state, running, bytes, r);
    }
}

package io.lorikeet.engine.generation;

import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.AdapterStatus.State;
import io.lorikeet.engine.model.AdapterPlace;
import io.lorikeet.engine.model.RankRows;
import java.util.List;
import java.util.Optional;

/**
 * An adapter version that the engine knows: its weights in host memory, and an adapter slot while it is on the device. Its
 * state is guarded by its {@link AdapterTable}.
 */
final class ServedVersion {
    private final long id;
    private final AdapterVersion version;
    private final PeftAdapter weights;
    private final Optional<String> system;
    private final List<int[]> examples;
    private State state = State.LOADING;
    private Optional<AdapterPlace> place = Optional.empty();
    private boolean loaded;
    private boolean fresh;
    private boolean leaving;
    private boolean failed;
    private int held;
    private int running;
    private long lastUsed;

    /**
     * @param id of this activation; the same version activated again has another
     * @param examples conversations that its answers may be like, as tokens
     */
    ServedVersion(long id, AdapterVersion version, PeftAdapter weights, Optional<String> system, List<int[]> examples) {
        this.id = id;
        this.version = version;
        this.weights = weights;
        this.system = system;
        this.examples = List.copyOf(examples);
    }

    long id() {
        return id;
    }

    AdapterVersion version() {
        return version;
    }

    PeftAdapter weights() {
        return weights;
    }

    /** The system prompt it was trained with; none: the model's own default; empty: no system block. */
    Optional<String> system() {
        return system;
    }

    /** Conversations that its answers may be like, as tokens. */
    List<int[]> examples() {
        return examples;
    }

    /** Where it is on the device; only while it has a slot there. */
    AdapterPlace place() {
        return place.orElseThrow();
    }

    boolean hasSlot() {
        return place.isPresent();
    }

    /** Rank rows that it needs on the device. */
    int rank() {
        return weights.rank();
    }

    /** Whether its slot holds all of it. */
    boolean isLoaded() {
        return loaded;
    }

    /** Whether it gives its slot up as soon as nothing runs with it, because another version waits for one. */
    boolean isLeaving() {
        return leaving;
    }

    State state() {
        return state;
    }

    /** Requests that run with it. */
    int running() {
        return running;
    }

    /** Requests that run or wait with it. */
    int held() {
        return held;
    }

    long lastUsed() {
        return lastUsed;
    }

    void moveTo(State next) {
        state = next;
    }

    void take(int slot, List<RankRows> runs) {
        place = Optional.of(new AdapterPlace(slot, runs, weights.config().adjusts()));
        loaded = false;
        leaving = false;
    }

    void filled(long tick) {
        loaded = true;
        fresh = true;
        lastUsed = tick;
    }

    void leave() {
        leaving = true;
    }

    void stay() {
        leaving = false;
    }

    void fail() {
        failed = true;
    }

    boolean hasFailed() {
        return failed;
    }

    void giveUpSlot() {
        place = Optional.empty();
        loaded = false;
        leaving = false;
    }

    void hold() {
        held++;
    }

    void letGo() {
        held--;
    }

    /** It is of use at this moment, even if nothing runs with it yet. */
    void use(long tick) {
        lastUsed = tick;
    }

    void begin(long tick) {
        running++;
        fresh = false;
        lastUsed = tick;
    }

    void end() {
        running--;
    }

    /**
     * Whether its slot may be given to another version: nothing runs with it, and no request still waits for which it has
     * come to the device.
     */
    boolean isEvictable() {
        return loaded && running == 0 && !(fresh && held > 0);
    }

    /** Whether nothing points at it and nobody holds it. */
    boolean isOver() {
        return state == State.DRAINING && held == 0 && (loaded || !hasSlot());
    }

    AdapterStatus status() {
        return new AdapterStatus(
                version.name(),
                version.version(),
                state,
                running,
                held - running,
                weights.parameterCount() * Float.BYTES,
                weights.rank(),
                loaded);
    }
}

package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.LoraTarget;
import io.lorikeet.engine.adapter.LoraWeights;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.model.Speculation;
import io.lorikeet.engine.sharing.StepSign;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Random requests and adapters for the engine's loop over a {@link CheckingDevice}, in steps of a millisecond. */
final class Traffic {
    private static final int MAX_RANK = 16;
    /** Adapters of every rank. */
    private static final List<PeftAdapter> WEIGHTS =
            IntStream.rangeClosed(1, MAX_RANK).mapToObj(Traffic::ofRank).toList();

    private static final long STEP = Duration.ofMillis(1).toNanos();
    private static final long NEVER = Long.MAX_VALUE;
    private static final int VOCAB = 50;
    private static final int STOP_TOKEN = 7;
    private static final int MAX_NEW_TOKENS = 8;
    private static final int MAX_PROMPT = 40;
    private static final int MAX_PREFIX = 20;
    private static final int MAX_WAITING = 12;
    private static final int MAX_LOAD = 4;

    private final Random random;
    private final int slots;
    private final int adapterSlots;
    private final int chunk;
    /** Whether the first name is never without a request, so that its version is hardly ever idle. */
    private final boolean hot;

    private final List<String> names;
    private final AdapterTable table;
    private final LoadQueue loads;
    private final boolean drafting;
    private final CheckingDevice device;
    private final EngineCore core;
    private final List<Asked> live = new ArrayList<>();
    private final Map<String, ServedVersion> serving = new HashMap<>();
    private final Map<ServedVersion, String> activating = new HashMap<>();
    private long step;
    private int loadSteps;
    private int versions;
    private long added;
    private boolean ended;

    /** What a listener fails with; without a stack trace, which would only fill the log. */
    private static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Gone() {
            super("gone", null, false, false);
        }
    }

    /** A request under way, and what its listener has heard. */
    private final class Asked implements TokenListener {
        Sequence sequence;
        final Optional<ServedVersion> pinned;
        final TimeLimits limits;
        final long arrived = step;
        int inSystem;
        boolean fails;
        long cancelledAt = NEVER;
        int starts;
        int ends;

        Asked(Optional<ServedVersion> pinned, TimeLimits limits) {
            this.pinned = pinned;
            this.limits = limits;
        }

        boolean isOf(String name) {
            return pinned.filter(v -> v.version().name().equals(name)).isPresent();
        }

        @Override
        public void started(Optional<AdapterVersion> adapter) {
            assertThat(++starts).as("starts").isEqualTo(1);
            assertThat(adapter).as("the version that was pinned").isEqualTo(pinned.map(ServedVersion::version));
            checkNobodyWasPassed(this);
            if (fails) {
                cancelledAt = step;
                throw new Gone();
            }
        }

        @Override
        public void delta(String text, List<TokenLogprobs> logprobs) {
            assertThat(ends).as("ends before a delta").isZero();
        }

        @Override
        public void finished(GenerationResult result) {
            assertThat(result.adapter()).isEqualTo(pinned.map(ServedVersion::version));
            assertThat(result.tokens()).hasSizeLessThanOrEqualTo(MAX_NEW_TOKENS);
            assertThat(cancelledAt != NEVER || result.finishReason() != FinishReason.CANCELLED)
                    .as("cancelled by nobody")
                    .isTrue();
            assertThat(++ends).as("ends").isEqualTo(1);
        }

        @Override
        public void failed(EngineException error) {
            assertThat(++ends).as("ends").isEqualTo(1);
        }
    }

    Traffic(long seed) {
        random = new Random(seed);
        slots = 1 + random.nextInt(6);
        adapterSlots = 2 + random.nextInt(2);
        chunk = List.of(8, 16, 32).get(random.nextInt(3));
        hot = random.nextBoolean();
        names = List.of("a", "b", "c", "d", "e", "f").subList(0, adapterSlots + 1 + random.nextInt(3));
        table = new AdapterTable(
                adapterSlots, MAX_RANK + random.nextInt((adapterSlots - 1) * MAX_RANK + 1), names.size(), 0);
        loads = new LoadQueue(table);
        device = new CheckingDevice(random, chunk, MAX_PREFIX, VOCAB);
        drafting = random.nextBoolean();
        boolean ahead = !drafting && random.nextBoolean();
        var scheduler = new Scheduler(
                new CacheSlots(slots, MAX_PROMPT + MAX_NEW_TOKENS),
                table,
                new PrefixCache(2, MAX_PREFIX),
                chunk,
                new Drafts(drafting ? Speculation.AUTO : Speculation.OFF));
        core = new EngineCore(
                scheduler, device, loads::want, ahead, StepSign.none(), StepListener.NONE, () -> step * STEP);
    }

    /** Requests come until there have been so many. */
    void run(int requests) {
        names.forEach(this::activate);
        double rate = 0.2 + random.nextDouble() * slots / 4;
        while (added < requests) {
            if (random.nextDouble() < rate && core.stats().waiting() < MAX_WAITING) {
                ask();
            }
            if (hot
                    && live.stream()
                                    .filter(asked -> asked.isOf(names.getFirst()))
                                    .count()
                            < slots - 1) {
                ask(Optional.of(names.getFirst()));
            }
            if (random.nextInt(50) == 0) {
                activate(names.get(random.nextInt(names.size())));
            }
            if (random.nextInt(300) == 0) {
                retire(names.get(random.nextInt(names.size())));
            }
            if (random.nextInt(40) == 0 && !live.isEmpty()) {
                Asked asked = live.get(random.nextInt(live.size()));
                asked.cancelledAt = step;
                asked.sequence.cancel();
            }
            step();
        }
    }

    /** No more come; everything ends, by itself or because the engine fails. */
    void end() {
        ended = true;
        if (random.nextInt(3) == 0) {
            core.failAll(new EngineException("the engine failed"));
            device.forgetLaunched();
            live.forEach(asked -> assertThat(asked.ends).as("ends").isEqualTo(1));
            live.clear();
        }
        for (int i = 0; i < 100 * longestTurn() && !(core.isIdle() && !loads.isActive()); i++) {
            step();
        }
        assertThat(core.isIdle()).isTrue();
        assertThat(live).isEmpty();
        EngineStats stats = core.stats();
        assertThat(stats.requestsFinished() + stats.requestsFailed()).isEqualTo(added);
        assertThat(stats.draftTokens() > 0).as("tokens of drafts").isEqualTo(drafting);
        assertThat(stats.acceptedTokens()).isLessThanOrEqualTo(stats.draftTokens());
        assertThat(table.statuses()).allMatch(status -> status.running() == 0 && status.waiting() == 0);
        assertThat(device.isEmpty()).as("all cache slots given back").isTrue();
        checkAllSlotsServe();
    }

    private void checkAllSlotsServe() {
        IntStream.range(0, slots).forEach(_ -> add(PromptTokens.of(new int[] {1}), Optional.empty(), forever()));
        device.beginStep();
        core.step();
        assertThat(core.stats().waiting()).as("waiting with all slots free").isZero();
    }

    long evictions() {
        return table.evictions();
    }

    private void ask() {
        ask(random.nextInt(5) == 0 ? Optional.empty() : Optional.of(names.get(random.nextInt(names.size()))));
    }

    private void ask(Optional<String> name) {
        if (name.isPresent() && !serving.containsKey(name.get())) {
            assertThatThrownBy(() -> table.acquire(name.get(), 1)).isInstanceOf(RequestException.class);
            return;
        }
        PromptTokens prompt = prompt();
        var limits = new TimeLimits(limit(), limit(), step * STEP);
        for (int answers = 1 + random.nextInt(3); answers > 0; answers--) {
            add(prompt, name, limits);
        }
    }

    private void add(PromptTokens prompt, Optional<String> name, TimeLimits limits) {
        Optional<ServedVersion> version = name.map(n -> table.acquire(n, 1));
        assertThat(version).as("what the name points at").isEqualTo(name.map(serving::get));
        var asked = new Asked(version, limits);
        asked.fails = random.nextInt(100) == 0;
        int tokens = 1 + random.nextInt(MAX_NEW_TOKENS);
        asked.sequence = new Sequence(
                prompt,
                SamplingParams.greedy(tokens),
                Optional.empty(),
                version,
                Set.of(STOP_TOKEN),
                tokens,
                limits,
                TextDecoder.none(),
                asked);
        live.add(asked);
        asked.inSystem = live.size();
        core.add(asked.sequence);
        added++;
    }

    /** Often one of two system turns, then anything. */
    private PromptTokens prompt() {
        int[] ids = random.ints(1 + random.nextInt(MAX_PROMPT), 0, VOCAB).toArray();
        int shared = random.nextBoolean() ? Math.min(ids.length - 1, 14 + random.nextInt(2) * 8) : 0;
        for (int i = 0; i < shared; i++) {
            ids[i] = shared;
        }
        return new PromptTokens(ids, shared);
    }

    private TimeLimits forever() {
        return new TimeLimits(Duration.ofDays(1), Duration.ofDays(1), step * STEP);
    }

    private Duration limit() {
        return random.nextInt(8) == 0 ? Duration.ofMillis(5 + random.nextInt(80)) : Duration.ofDays(1);
    }

    private void activate(String name) {
        ServedVersion version = table.register(
                new AdapterVersion(name, String.valueOf(++versions)),
                WEIGHTS.get(random.nextInt(MAX_RANK)),
                Optional.empty());
        activating.put(version, name);
        loads.want(version);
    }

    private static PeftAdapter ofRank(int r) {
        ModelConfig base = ConfigReader.read(Golden.model("qwen2-tiny").resolve("config.json"));
        var config = new LoraConfig(r, 1, 0, Set.of(LinearModule.Q_PROJ), false);
        var weights = new TreeMap<LoraTarget, LoraWeights>();
        config.targets(base.numHiddenLayers())
                .forEach(target -> weights.put(
                        target,
                        new LoraWeights(
                                new float[r * target.module().inFeatures(base)],
                                new float[target.module().outFeatures(base) * r])));
        return PeftAdapter.of(config, weights, base);
    }

    private void retire(String name) {
        table.retire(name);
        serving.remove(name);
        activate(name);
    }

    private void step() {
        step++;
        load();
        device.beginStep();
        core.step();
        live.removeIf(asked -> {
            assertThat(asked.ends).as("ends").isLessThanOrEqualTo(1);
            return asked.ends == 1;
        });
        live.forEach(this::check);
    }

    /** What the adapters' loading does in one step. */
    private void load() {
        loads.current().filter(_ -> --loadSteps <= 0).ifPresent(version -> {
            Optional<String> name = Optional.ofNullable(activating.remove(version));
            if (random.nextInt(40) == 0) {
                loads.failed();
                serving.values().remove(version);
            } else {
                device.endLoad(version);
                loads.loaded();
                name.ifPresent(_ -> table.flip(version));
                name.ifPresent(n -> serving.put(n, version));
            }
        });
        if (loads.current().isEmpty()) {
            loads.next().ifPresent(version -> {
                device.beginLoad(version);
                loadSteps = 1 + random.nextInt(MAX_LOAD);
            });
        }
    }

    private void check(Asked asked) {
        boolean waits = asked.starts == 0;
        assertThat(asked.cancelledAt).as("the step in which it was cancelled").isGreaterThanOrEqualTo(step);
        Duration took = Duration.ofNanos(step * STEP - asked.limits.arrived());
        assertThat(took).as("time to its end").isLessThanOrEqualTo(asked.limits.total());
        if (waits) {
            assertThat(took).as("time in the queue").isLessThanOrEqualTo(asked.limits.queue());
            assertThat(step - asked.arrived)
                    .as("steps that it has waited, with %s in the system when it came", asked.inSystem)
                    .isLessThanOrEqualTo((long) (asked.inSystem + names.size()) * longestTurn());
        }
    }

    /** Steps that a sequence's prompt, its answer and a load take at most, while nobody else is there. */
    private int longestTurn() {
        return MAX_PROMPT / chunk + 2 + MAX_NEW_TOKENS + MAX_LOAD;
    }

    /** Whoever came before and still waits could not begin. */
    private void checkNobodyWasPassed(Asked started) {
        if (ended) {
            return;
        }
        for (Asked earlier : live.subList(0, live.indexOf(started))) {
            assertThat(earlier.starts > 0
                            || earlier.ends > 0
                            || earlier.pinned
                                    .filter(v -> !v.isLoaded() || v.isLeaving())
                                    .isPresent())
                    .as("a sequence that came before has begun, or its adapter is not ready")
                    .isTrue();
        }
    }

    @Override
    public String toString() {
        return "step " + step + ": " + slots + " cache slots, " + adapterSlots + " adapter slots for " + names
                + ", chunks of " + chunk + " tokens, " + added + " requests so far";
    }
}

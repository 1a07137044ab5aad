package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.program.GraphCounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A device without a model, whose tokens are random and whose calls fail now and then. It knows what lies in each slot, each
 * prefix and each adapter slot, and objects to whatever would make a real one compute something wrong.
 */
final class CheckingDevice implements ModelRunner {
    private static final double FAILURES = 0.002;
    private static final double FAILURES_TO_SAVE = 0.1;

    private final Random random;
    private final int chunk;
    private final int maxPrefixLen;
    private final int vocabSize;
    private final Map<Integer, Slot> slots = new TreeMap<>();
    private final Map<Integer, Prefix> prefixes = new HashMap<>();
    /** The version whose weights lie whole in an adapter slot. */
    private final Map<String, ServedVersion> adapters = new HashMap<>();

    private Optional<DecodeBatch> launched = Optional.empty();
    private int budget;

    /** What a cache slot holds. */
    private static final class Slot {
        final Sequence sequence;
        int cached;
        boolean decoding;

        Slot(Sequence sequence) {
            this.sequence = sequence;
        }
    }

    /** A prefix that is kept: of which activation, and which tokens. */
    private record Prefix(Optional<ServedVersion> owner, List<Integer> tokens) {
        static Prefix of(Sequence sequence, int length) {
            return new Prefix(
                    sequence.adapter(),
                    Arrays.stream(sequence.prompt().ids(), 0, length).boxed().toList());
        }
    }

    CheckingDevice(Random random, int chunk, int maxPrefixLen, int vocabSize) {
        this.random = random;
        this.chunk = chunk;
        this.maxPrefixLen = maxPrefixLen;
        this.vocabSize = vocabSize;
    }

    /** A step begins, with a whole budget of prompt tokens. */
    void beginStep() {
        budget = chunk;
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    /** The version's place is written to from here on. */
    void beginLoad(ServedVersion version) {
        Set<String> place = places(version);
        assertThat(place).as("rank rows, and a slot").hasSize(1 + version.rank());
        assertThat(slots.values())
                .as("sequences that run with what is overwritten")
                .noneMatch(slot -> slot.sequence
                        .adapter()
                        .filter(ServedVersion::hasSlot)
                        .filter(v ->
                                places(v).stream().anyMatch(part -> place.contains(part) && adapters.get(part) == v))
                        .isPresent());
        adapters.keySet().removeAll(place);
    }

    void endLoad(ServedVersion version) {
        places(version).forEach(part -> adapters.put(part, version));
    }

    /** Everything on the device that is the version's alone. */
    private static Set<String> places(ServedVersion version) {
        Set<String> parts = new HashSet<>(Set.of("slot " + version.place().slot()));
        version.place().runs().forEach(run -> IntStream.range(run.first(), run.first() + run.count())
                .forEach(row -> parts.add("rank row " + row)));
        return parts;
    }

    @Override
    public void open(Sequence sequence) {
        assertThat(slots).as("no cache slot twice").doesNotContainKey(sequence.slot());
        slots.put(sequence.slot(), new Slot(sequence));
        checkAdapter(sequence);
        failAtTimes();
    }

    @Override
    public void restorePrefix(int place, Sequence sequence, int length) {
        assertThat(prefixes).as("prefixes kept").containsEntry(place, Prefix.of(sequence, length));
        slot(sequence).cached = length;
        failAtTimes();
    }

    @Override
    public void savePrefix(int place, Sequence sequence, int length) {
        assertThat(slot(sequence).cached).as("what is cached is the prefix").isEqualTo(length);
        prefixes.remove(place);
        failAtTimes(FAILURES_TO_SAVE);
        prefixes.put(place, Prefix.of(sequence, length));
    }

    @Override
    public void prefill(PromptWork.Chunk work) {
        assertThat(work.end()).isLessThan(work.sequence().prompt().length());
        run(work);
    }

    @Override
    public SampledToken prefillLast(PromptWork.Chunk work) {
        assertThat(work.end()).isEqualTo(work.sequence().prompt().length());
        run(work);
        return decodes(work.sequence());
    }

    private void run(PromptWork.Chunk work) {
        spend(work.length());
        Slot slot = slot(work.sequence());
        assertThat(slot.decoding).isFalse();
        assertThat(work.start()).as("goes on where the cache ends").isEqualTo(slot.cached);
        assertThat(work.end()).as("chunks end where the prompt says").isEqualTo(end(work));
        failAtTimes();
        slot.cached = work.end();
    }

    /** At whole chunks, and where the shared prefix ends. */
    private int end(PromptWork.Chunk work) {
        PromptTokens prompt = work.sequence().prompt();
        int shared = Math.min(prompt.sharedPrefix(), maxPrefixLen);
        int part = shared >= 16 && work.start() < shared ? shared : prompt.length();
        return Math.min(work.start() + chunk, part);
    }

    @Override
    public SampledToken fork(PromptWork.Fork fork) {
        spend(1);
        Slot source = slot(fork.source());
        assertThat(source.decoding).as("the source has run its prompt").isTrue();
        assertThat(fork.source().prompt()).isSameAs(fork.sequence().prompt());
        assertThat(fork.source().adapter()).isEqualTo(fork.sequence().adapter());
        failAtTimes();
        return decodes(fork.sequence());
    }

    private void spend(int tokens) {
        budget -= tokens;
        assertThat(budget).as("what is left of the step's prompt tokens").isNotNegative();
    }

    private SampledToken decodes(Sequence sequence) {
        slot(sequence).decoding = true;
        return token();
    }

    @Override
    public void decode(DecodeBatch batch) {
        assertThat(launched).as("the step before has been read").isEmpty();
        assertThat(batch.sequences())
                .as("all that decode, each once")
                .isEqualTo(slots.values().stream()
                        .filter(slot -> slot.decoding)
                        .map(slot -> slot.sequence)
                        .toList());
        batch.sequences().forEach(this::checkAdapter);
        for (int i = 0; i < batch.sequences().size(); i++) {
            checkDraft(batch.sequences().get(i), batch.drafts().get(i));
        }
        assertThat(batch.rows()).as("rows").isLessThanOrEqualTo(Math.max(Drafts.MAX_ROWS, batch.slots()));
        failAtTimes();
        launched = Optional.of(batch);
    }

    private static void checkDraft(Sequence sequence, int[] draft) {
        assertThat(draft.length).as("tokens beside its own").isLessThan(sequence.remaining());
        assertThat(sequence.possible(draft)).as("what it may say").isEqualTo(draft);
    }

    @Override
    public List<List<SampledToken>> read(DecodeBatch batch) {
        assertThat(launched).as("the step launched last").containsSame(batch);
        launched = Optional.empty();
        failAtTimes();
        return batch.drafts().stream().map(this::holding).toList();
    }

    /** What holds of a draft, anything from nothing to all, and one token more. */
    private List<SampledToken> holding(int[] draft) {
        List<SampledToken> tokens = new ArrayList<>();
        Arrays.stream(draft, 0, random.nextInt(draft.length + 1))
                .forEach(token -> tokens.add(new SampledToken(token, Optional.empty())));
        tokens.add(token());
        return tokens;
    }

    /** Its outcome is given up. */
    void forgetLaunched() {
        launched = Optional.empty();
    }

    @Override
    public void close(Sequence sequence) {
        slot(sequence);
        slots.remove(sequence.slot());
        failAtTimes();
    }

    @Override
    public GraphCounts graphCounts() {
        return GraphCounts.NONE;
    }

    private Slot slot(Sequence sequence) {
        Slot slot = slots.get(sequence.slot());
        assertThat(slot).as("an open slot").isNotNull();
        assertThat(slot.sequence).as("the slot's sequence").isSameAs(sequence);
        checkAdapter(sequence);
        return slot;
    }

    private void checkAdapter(Sequence sequence) {
        sequence.adapter().filter(_ -> sequence.isRunning()).ifPresent(version -> assertThat(places(version))
                .as("what lies in the adapter's place")
                .allMatch(part -> adapters.get(part) == version));
    }

    private SampledToken token() {
        return new SampledToken(random.nextInt(vocabSize), Optional.empty());
    }

    private void failAtTimes() {
        failAtTimes(FAILURES);
    }

    private void failAtTimes(double probability) {
        if (random.nextDouble() < probability) {
            throw new EngineException("the device failed");
        }
    }
}

package io.lorikeet.engine.generation;

import io.lorikeet.engine.grammar.TokenMask;
import io.lorikeet.engine.program.GraphCounts;
import io.lorikeet.engine.program.KeptLogprobs;
import io.lorikeet.engine.program.ServingProgram;
import io.lorikeet.engine.program.StepFlags;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/** Runs sequences with the numeric program, whose thread it belongs to. Row r of the program's batch is cache slot r. */
final class ProgramRunner implements ModelRunner {
    /** The cache is looked at in whole blocks of positions, so that few different shapes occur. */
    private static final int VISIBLE_BLOCK = 64;

    private final ServingProgram program;
    private final TokenMask everything;
    private final SplittableRandom seeds = new SplittableRandom();
    /** What the device takes the slots' tokens to be; none: all. */
    private final Map<Integer, TokenMask> allowed = new HashMap<>();
    /** What a step with drafts chose, until it is read. */
    private long[] checked = {};

    ProgramRunner(ServingProgram program) {
        this.program = program;
        this.everything = TokenMask.everything(program.options().config().vocabSize());
    }

    @Override
    public void open(Sequence sequence) {
        SamplingParams sampling = sequence.sampling();
        program.openSlot(
                sequence.slot(),
                sequence.adapter().map(ServedVersion::place),
                sampling.slotSampling(
                        program.options().config().vocabSize(), sampling.seed().orElseGet(seeds::nextLong)));
    }

    @Override
    public void restorePrefix(int place, Sequence sequence, int length) {
        program.restorePrefix(place, sequence.slot(), length);
    }

    @Override
    public void savePrefix(int place, Sequence sequence, int length) {
        program.savePrefix(place, sequence.slot(), length);
    }

    @Override
    public void prefill(PromptWork.Chunk chunk) {
        Sequence sequence = chunk.sequence();
        program.prefill(chunk.tokens(), sequence.slot(), chunk.start());
    }

    @Override
    public SampledToken prefillLast(PromptWork.Chunk chunk) {
        Sequence sequence = chunk.sequence();
        return first(sequence, flags -> program.prefillLast(chunk.tokens(), sequence.slot(), chunk.start(), flags));
    }

    @Override
    public SampledToken fork(PromptWork.Fork fork) {
        Sequence sequence = fork.sequence();
        return first(
                sequence,
                flags -> program.forkPrompt(
                        fork.source().slot(), sequence.slot(), sequence.prompt().length(), flags));
    }

    /** The first token, which the end of the prompt gives. */
    private SampledToken first(Sequence sequence, ToIntFunction<StepFlags> end) {
        StepFlags flags = sequence.sampling().flags();
        if (flags.penalize()) {
            program.beginPenalties(sequence.slot(), sequence.prompt().ids());
        }
        if (flags.constrain()) {
            allow(List.of(sequence));
        }
        int token = end.applyAsInt(flags);
        Optional<KeptLogprobs> kept =
                flags.logprobs() ? Optional.of(program.logprobs(sequence.slot(), 1)) : Optional.empty();
        return sampled(sequence, token, kept, 0);
    }

    @Override
    public void decode(DecodeBatch batch) {
        int visible = Math.min(
                (batch.longest() + VISIBLE_BLOCK - 1) / VISIBLE_BLOCK * VISIBLE_BLOCK,
                program.options().maxModelLen());
        StepFlags flags = flags(batch);
        if (batch.hasDrafts()) {
            checked = program.decode(batch.slots(), visible, drafts(batch), masks(batch, flags), flags);
        } else if (flags.constrain()) {
            // what a sequence may say is found out while the device runs the model
            program.decodeLogits(batch.slots(), visible);
            allow(batch.sequences());
            program.choose(batch.slots(), flags);
        } else {
            program.decode(batch.slots(), visible, flags);
        }
    }

    /** By cache slot, of those that have one. */
    private static SortedMap<Integer, int[]> drafts(DecodeBatch batch) {
        var drafts = new TreeMap<Integer, int[]>();
        for (int i = 0; i < batch.sequences().size(); i++) {
            if (batch.drafts().get(i).length > 0) {
                drafts.put(batch.sequences().get(i).slot(), batch.drafts().get(i));
            }
        }
        return drafts;
    }

    /** What may follow each row of a step with drafts, in the order of {@link ServingProgram#decode}; none, if anything may. */
    private List<TokenMask> masks(DecodeBatch batch, StepFlags flags) {
        if (!flags.constrain()) {
            return List.of();
        }
        var own = new ArrayList<>(Collections.nCopies(batch.slots(), everything));
        var rest = new ArrayList<TokenMask>();
        for (int i = 0; i < batch.sequences().size(); i++) {
            int[] draft = batch.drafts().get(i);
            List<TokenMask> masks = batch.sequences()
                    .get(i)
                    .allowed(draft)
                    .orElseGet(() -> Collections.nCopies(draft.length + 1, everything));
            own.set(batch.sequences().get(i).slot(), masks.getFirst());
            rest.addAll(masks.subList(1, masks.size()));
        }
        own.addAll(rest);
        return own;
    }

    /** Tells the device what sequences may say, as far as it does not know. */
    private void allow(List<Sequence> sequences) {
        var news = new TreeMap<Integer, TokenMask>();
        for (Sequence sequence : sequences) {
            TokenMask mask = sequence.allowed().orElse(everything);
            if (allowed.put(sequence.slot(), mask) != mask) {
                news.put(sequence.slot(), mask);
            }
        }
        if (!news.isEmpty()) {
            program.allow(news);
        }
    }

    @Override
    public List<List<SampledToken>> read(DecodeBatch batch) {
        boolean drafted = batch.hasDrafts();
        long[] next = drafted ? checked : program.readTokens(batch.slots());
        Optional<KeptLogprobs> kept = Optional.empty();
        if (flags(batch).logprobs()) {
            kept = Optional.of(drafted ? program.draftLogprobs(next.length) : program.logprobs(0, batch.slots()));
        }
        List<List<SampledToken>> tokens = new ArrayList<>();
        int row = batch.slots();
        for (int i = 0; i < batch.sequences().size(); i++) {
            Sequence sequence = batch.sequences().get(i);
            List<SampledToken> of = new ArrayList<>();
            of.add(sampled(sequence, (int) next[sequence.slot()], kept, sequence.slot()));
            int end = row + batch.drafts().get(i).length;
            for (int held = row; held < end && next[held] >= 0; held++) {
                of.add(sampled(sequence, (int) next[held], kept, held));
            }
            tokens.add(of);
            row = end;
        }
        return tokens;
    }

    /** What the step has to do by what any of its sequences needs. */
    private static StepFlags flags(DecodeBatch batch) {
        return batch.sequences().stream()
                .map(sequence -> sequence.sampling().flags())
                .reduce(StepFlags.NONE, StepFlags::or);
    }

    private static SampledToken sampled(Sequence sequence, int token, Optional<KeptLogprobs> kept, int row) {
        var wanted = sequence.sampling().logprobs();
        return new SampledToken(
                token,
                wanted.isEmpty()
                        ? Optional.empty()
                        : kept.map(k -> TokenLogprobs.of(token, k, row, wanted.getAsInt())));
    }

    @Override
    public void close(Sequence sequence) {
        program.closeSlot(sequence.slot());
    }

    @Override
    public GraphCounts graphCounts() {
        return program.graphCounts();
    }
}

package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.generation.EngineRig.Listener;
import io.lorikeet.engine.grammar.Constraint;
import io.lorikeet.engine.grammar.Constraints;
import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.grammar.JsonSchema;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.Speculation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Answers are the same with drafts and without: of a real model, in random mixes of requests, greedy and drawn, with
 * penalties, log-probabilities, stop strings and grammars, of several adapters and of none. As in
 * {@link BatchIndependenceTest}, up to ties within the rounding of passes of another number of rows.
 */
class SpeculationTest {
    private static final int SLOTS = 5;
    private static final int ADAPTERS = 3;
    private static final int REQUESTS = 40;
    private static final int STOP = 256;
    private static final String SCHEMA = """
            {"type": "array", "minItems": 3, "maxItems": 5, "items": {"enum": ["abcdefgh", "abcdefxy"]}}
            """;

    private static EngineRig rig;
    private static Constraints constraints;
    private static List<PeftAdapter> adapters;
    private static int versions;

    /** One answer's request. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Asked(int[] prompt, Optional<String> adapter, SamplingParams sampling) {}

    /** Keeps the text too. */
    private static final class Heard extends Listener {
        final StringBuilder text = new StringBuilder();

        @Override
        public void delta(String more, List<TokenLogprobs> tokens) {
            text.append(more);
            super.delta(more, tokens);
        }
    }

    @BeforeAll
    static void load() {
        rig = new EngineRig(SLOTS, ADAPTERS + 1);
        constraints = new Constraints(256, t -> new byte[] {(byte) t}, Set.of(STOP), rig.config.vocabSize());
        adapters = List.of(
                rig.random(8, LoraConfig.allLinear(), 1),
                rig.random(2, Set.of(LinearModule.Q_PROJ, LinearModule.DOWN_PROJ), 2),
                rig.random(4, Set.of(LinearModule.O_PROJ, LinearModule.GATE_PROJ), 3));
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    @ParameterizedTest
    @CsvSource({"AUTO, 1", "ACCEPTANCE, 2", "ACCEPTANCE, 3"})
    void anAnswerIsTheSameWithDraftsAndWithout(Speculation speculation, long seed) {
        serve(List.of());
        var random = new Random(seed);
        List<Asked> asked =
                IntStream.range(0, REQUESTS).mapToObj(i -> asked(random, i)).toList();
        rig.schedule(new PrefixCache(0, 1), 16);
        List<Heard> without = hear(asked, new Random(seed));
        EngineStats plain = rig.core().stats();

        serve(examples(asked, without, random));
        var drafts = new Drafts(speculation);
        rig.schedule(new PrefixCache(0, 1), 16, drafts);
        List<Heard> with = hear(asked, new Random(seed));

        var differences = new Differences();
        for (int i = 0; i < asked.size(); i++) {
            if (differences.add(asked.get(i).sampling(), without.get(i), with.get(i))) {
                assertThat(with.get(i).text).hasToString(without.get(i).text.toString());
                assertThat(with.get(i).result().finishReason())
                        .isEqualTo(without.get(i).result().finishReason());
                assertThat(with.get(i).logprobs).hasSameSizeAs(without.get(i).logprobs);
            }
        }
        assertThat(differences.largest).isLessThan(1e-4);
        assertThat(differences.ties)
                .allMatch(gap -> gap <= 2 * differences.largest)
                .hasSizeLessThanOrEqualTo(REQUESTS / 20);
        EngineStats drafted = rig.core().stats();
        assertThat(drafted.acceptedTokens()).as("held").isPositive().isLessThan(drafted.draftTokens());
        assertThat(drafted.decodeSteps()).as("steps").isLessThan(plain.decodeSteps());
        if (differences.ties.isEmpty()) {
            assertThat(drafted.generatedTokens()).isEqualTo(plain.generatedTokens());
        }
    }

    /** Anew, so that what they are like may be said. */
    private static void serve(List<int[]> examples) {
        versions++;
        for (int i = 0; i < ADAPTERS; i++) {
            rig.serve("adapter" + i, String.valueOf(versions), adapters.get(i), examples);
        }
    }

    /** The very answers, with a word in them changed now and then. */
    private static List<int[]> examples(List<Asked> asked, List<Heard> heard, Random random) {
        List<int[]> examples = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            IntStream answer =
                    heard.get(i).result().tokens().stream().mapToInt(token -> random.nextInt(12) == 0 ? 1 : token);
            examples.add(IntStream.concat(IntStream.of(asked.get(i).prompt()), answer)
                    .toArray());
        }
        return examples;
    }

    private static Asked asked(Random random, int i) {
        int tokens = 4 + random.nextInt(40);
        SamplingParams sampling = i % 3 == 2
                ? SamplingParams.drawn(0.8, tokens, OptionalLong.of(i)).limited(0.95, 50, 0.01)
                : SamplingParams.greedy(tokens);
        if (i % 5 == 0) {
            sampling = sampling.with(new Penalties(1.1, 0.3, 0.1));
        }
        if (i % 4 == 3) {
            sampling = sampling.constrained(grammar());
        } else if (i % 7 == 0) {
            sampling = stoppedBy(sampling, "ddc", "ab");
        }
        int adapter = random.nextInt(ADAPTERS + 1);
        return new Asked(
                random.ints(2 + random.nextInt(40), 0, 500).toArray(),
                adapter == ADAPTERS ? Optional.empty() : Optional.of("adapter" + adapter),
                sampling.withLogprobs(2));
    }

    private static SamplingParams stoppedBy(SamplingParams sampling, String... stop) {
        return new SamplingParams(
                sampling.temperature(),
                sampling.topP(),
                sampling.topK(),
                sampling.minP(),
                sampling.penalties(),
                sampling.maxNewTokens(),
                List.of(stop),
                sampling.seed(),
                sampling.logprobs(),
                sampling.grammar());
    }

    /** Hands in none, one or two before each step. */
    private static List<Heard> hear(List<Asked> asked, Random random) {
        List<Heard> heard = new ArrayList<>();
        rig.thread.run(() -> {
            while (heard.size() < asked.size() || !rig.core().isIdle()) {
                for (int n = random.nextInt(3); n > 0 && heard.size() < asked.size(); n--) {
                    heard.add(new Heard());
                    rig.core().add(sequence(asked.get(heard.size() - 1), heard.getLast()));
                }
                rig.step();
            }
        });
        return heard;
    }

    private static Sequence sequence(Asked asked, TokenListener listener) {
        Optional<Constraint> constraint = asked.sampling().grammar().map(constraints::of);
        return new Sequence(
                PromptTokens.of(asked.prompt()),
                asked.sampling(),
                constraint,
                asked.adapter().map(name -> rig.table.acquire(name, 1)),
                Set.of(STOP),
                asked.sampling().maxNewTokens(),
                TimeLimits.NONE,
                letters(),
                listener);
    }

    /** Each token a letter of a small alphabet. */
    private static TextDecoder letters() {
        return new TextDecoder() {
            @Override
            public String push(int token) {
                return String.valueOf((char) ('a' + token % 5));
            }

            @Override
            public String finish() {
                return "";
            }
        };
    }

    private static Grammar grammar() {
        try {
            return JsonSchema.grammar(new ObjectMapper().readTree(SCHEMA), "");
        } catch (JsonProcessingException e) {
            throw new EngineException(e.getMessage(), e);
        }
    }
}

package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.grammar.Constraint;
import io.lorikeet.engine.grammar.Constraints;
import io.lorikeet.engine.grammar.Grammar;
import io.lorikeet.engine.grammar.JsonSchema;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real model whose tokens are bytes, and answers that may not say everything. */
class ConstrainedAnswersTest {
    private static final int STOP = 256;
    private static final String SCHEMA = """
            {"type": "object", "properties": {
               "a": {"type": "string", "maxLength": 4}, "b": {"enum": ["x", "yy"]}, "c": {"type": "integer", "minimum": 0}},
             "required": ["a", "b", "c"], "additionalProperties": false}
            """;

    private static EngineRig rig;
    private static Constraints constraints;

    @BeforeAll
    static void load() {
        rig = new EngineRig(4, 1);
        constraints = new Constraints(256, t -> new byte[] {(byte) t}, Set.of(STOP), rig.config.vocabSize());
    }

    @AfterAll
    static void unload() {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyAnswerIsOfItsSchemaAndOthersBesideItAreAsTheyWere(boolean ahead) {
        rig.schedule(new PrefixCache(0, 1), EngineRig.MAX_MODEL_LEN, ahead);
        SamplingParams free = SamplingParams.drawn(1, 60, OptionalLong.of(5));
        List<Integer> alone = run(List.of(free)).getFirst().tokens();

        List<SamplingParams> together = new ArrayList<>(List.of(free));
        for (int seed = 0; seed < 6; seed++) {
            together.add(SamplingParams.drawn(1, 100, OptionalLong.of(seed)).constrained(grammar()));
        }
        together.add(SamplingParams.greedy(100).constrained(grammar()));
        together.add(SamplingParams.drawn(1.5, 100, OptionalLong.of(9))
                .limited(0.9, 40, 0)
                .with(new Penalties(1.3, 0.5, 0.5))
                .constrained(grammar()));
        together.add(SamplingParams.greedy(100).withLogprobs(3).constrained(grammar()));
        List<GenerationResult> results = run(together);

        assertThat(results.getFirst().tokens()).isEqualTo(alone);
        // a model that means nothing may indent so much that the rest is cut off
        for (GenerationResult result : results.subList(1, results.size())) {
            boolean whole = result.finishReason() == FinishReason.STOP;
            assertThat(result.tokens().contains(STOP)).isEqualTo(whole);
            assertThat(grammar().matches(text(result))).as(text(result)).isEqualTo(whole);
        }
        assertThat(results.stream()
                        .skip(1)
                        .filter(result -> result.finishReason() == FinishReason.STOP)
                        .map(ConstrainedAnswersTest::text)
                        .distinct())
                .hasSizeGreaterThan(3);
    }

    @Test
    void anAnswerThatIsCutShortSaysSo() {
        rig.schedule(new PrefixCache(0, 1), EngineRig.MAX_MODEL_LEN);
        GenerationResult result =
                run(List.of(SamplingParams.greedy(5).constrained(grammar()))).getFirst();
        assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(text(result)).startsWith("{");
    }

    @Test
    void whatNoTokenCanSayFailsItsOwnRequestAlone() {
        rig.schedule(new PrefixCache(0, 1), EngineRig.MAX_MODEL_LEN);
        var letters = new Constraints(
                256, t -> t == '{' ? new byte[0] : new byte[] {(byte) t}, Set.of(STOP), rig.config.vocabSize());
        var failed = new ArrayList<String>();
        var other = new EngineRig.Listener();
        rig.thread.run(() -> {
            rig.core().add(sequence(SamplingParams.greedy(8).constrained(grammar()), letters, new EngineRig.Listener() {
                @Override
                public void failed(io.lorikeet.engine.EngineException error) {
                    failed.add(error.getMessage());
                }
            }));
            rig.core().add(sequence(SamplingParams.greedy(8), letters, other));
            while (!rig.core().isIdle()) {
                rig.step();
            }
        });
        assertThat(failed).singleElement().asString().contains("no token");
        assertThat(other.result().tokens()).hasSize(8);
    }

    private static List<GenerationResult> run(List<SamplingParams> all) {
        var listeners = new ArrayList<EngineRig.Listener>();
        rig.thread.run(() -> {
            for (SamplingParams sampling : all) {
                listeners.add(new EngineRig.Listener());
                rig.core().add(sequence(sampling, constraints, listeners.getLast()));
            }
            while (!rig.core().isIdle()) {
                rig.step();
            }
        });
        return listeners.stream().map(EngineRig.Listener::result).toList();
    }

    private static Sequence sequence(SamplingParams sampling, Constraints of, TokenListener listener) {
        Optional<Constraint> constraint = sampling.grammar().map(of::of);
        return new Sequence(
                PromptTokens.of(EngineRig.prompt(9, 1)),
                sampling,
                constraint,
                Optional.empty(),
                constraint.isPresent() ? Set.of(STOP) : Set.of(),
                sampling.maxNewTokens(),
                TimeLimits.NONE,
                TextDecoder.none(),
                listener);
    }

    private static String text(GenerationResult result) {
        var bytes = new ByteArrayOutputStream();
        result.tokens().stream().filter(token -> token != STOP).forEach(bytes::write);
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Grammar grammar() {
        try {
            return JsonSchema.grammar(new ObjectMapper().readTree(SCHEMA), "");
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}

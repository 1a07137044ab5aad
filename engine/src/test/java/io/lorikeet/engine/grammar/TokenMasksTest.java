package io.lorikeet.engine.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.lorikeet.engine.grammar.Automaton.State;
import io.lorikeet.engine.tokenizer.Qwen25Vocabulary;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Over the vocabulary of Qwen2.5. */
class TokenMasksTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Qwen2Tokenizer TOKENIZER = Qwen25Vocabulary.tokenizer();
    private static final int STOP = TOKENIZER.tokenId("<|im_end|>").orElseThrow();
    private static final List<Integer> CLOSING = Stream.of("}", "]", "\"", "null")
            .map(token -> TOKENIZER.tokenId(token).orElseThrow())
            .toList();
    private static final Constraints CONSTRAINTS = new Constraints(TOKENIZER, Set.of(STOP), TOKENIZER.size());

    private static final String SCHEMA = """
            {"type": "object",
             "properties": {
               "name": {"type": "string", "maxLength": 12},
               "kind": {"enum": ["a\\"b", "ä", "long word"]},
               "size": {"type": "number", "minimum": 0.5, "maximum": 70},
               "count": {"type": "integer", "minimum": -3},
               "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-zé]{1,5}$"}, "minItems": 1, "maxItems": 3},
               "when": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
               "child": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
             "required": ["name", "kind", "size", "tags", "child"],
             "additionalProperties": false}
            """;

    @Test
    void allowsATokenIfAndOnlyIfAllItsBytesCanCome() {
        Grammar grammar = JsonSchema.grammar(json(SCHEMA), "");
        var automaton = new Automaton(grammar.root());
        var random = new Random(1);
        State state = automaton.start();
        CONSTRAINTS.of(grammar);
        TokenMasks masks = CONSTRAINTS.masks();
        for (int i = 0; i < 40 && !state.complete; i++) {
            TokenMask mask = masks.of(automaton, state);
            for (int token = 0; token < TOKENIZER.size(); token++) {
                State after = TOKENIZER.isSpecial(token) ? Automaton.DEAD : after(automaton, state, token);
                if (mask.allows(token) != (after != Automaton.DEAD)) {
                    throw new AssertionError("token " + token + " after " + i + " others");
                }
            }
            state = after(automaton, state, choose(mask, random));
        }
    }

    private static State after(Automaton automaton, State state, int token) {
        State next = state;
        for (byte b : TOKENIZER.tokenBytes(token)) {
            next = automaton.next(next, b & 0xff);
        }
        return next;
    }

    @Test
    void whateverIsChosenTheDocumentIsOfItsSchema() throws JsonProcessingException {
        Grammar grammar = JsonSchema.grammar(json(SCHEMA), "");
        var validator =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(json(SCHEMA));
        var random = new Random(2);
        for (int i = 0; i < 40; i++) {
            String document = document(CONSTRAINTS.of(grammar), random);
            assertThat(validator.validate(JSON.readTree(document))).as(document).isEmpty();
        }
    }

    @Test
    void anObjectOfAnyKindIsJsonInUtf8() throws JsonProcessingException {
        var random = new Random(3);
        for (int i = 0; i < 10; i++) {
            String document = document(CONSTRAINTS.of(JsonSchema.anyObject()), random);
            assertThat(JSON.readTree(document).isObject()).as(document).isTrue();
            assertThat(document).doesNotContain("\uFFFD");
        }
    }

    @Test
    void textMayComeBeforeACallAndWhatBeginsOneIsOne() {
        var tool = new ToolCalls.Tool(
                "f", json("{\"properties\": {\"x\": {\"enum\": [1, 2]}}, \"required\": [\"x\"]}"), "");
        Grammar calls = ToolCalls.amidText(List.of(tool), true);
        String call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call>";
        assertThat(List.of("", "hello <tool", "<<tool_call", call, "hm " + call + "\n" + call + " ok < >"))
                .allMatch(calls::matches);
        assertThat(List.of("<tool_call>", "a <tool_call> b", call.replace('1', '3'), call.replace('f', 'g')))
                .noneMatch(calls::matches);
        Grammar one = ToolCalls.only(List.of(tool), false);
        assertThat(one.matches(call)).isTrue();
        assertThat(one.matches(call + "\n" + call)).isFalse();
        assertThat(ToolCalls.only(List.of(tool), true).matches(call + "\n" + call))
                .isTrue();
        int tag = TOKENIZER.tokenId("<tool_call>").orElseThrow();
        assertThat(CONSTRAINTS.of(one).mask().allows(tag)).isTrue();
        assertThat(CONSTRAINTS.of(one).mask().allows(STOP)).isFalse();
    }

    /** Drawn from the tokens that can come, those that end something first, so that it ends. */
    private static String document(Constraint constraint, Random random) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < 2_000; i++) {
            TokenMask mask = constraint.mask();
            int token = mask.allows(STOP) ? STOP : choose(mask, random);
            if (token == STOP) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            constraint.accept(token);
            bytes.writeBytes(TOKENIZER.tokenBytes(token));
        }
        throw new AssertionError("does not end: " + bytes.toString(StandardCharsets.UTF_8));
    }

    /** Often what closes something. */
    private static int choose(TokenMask mask, Random random) {
        List<Integer> closing = CLOSING.stream().filter(mask::allows).toList();
        if (!closing.isEmpty() && random.nextInt(3) > 0) {
            return closing.get(random.nextInt(closing.size()));
        }
        int[] all = IntStream.range(0, TOKENIZER.size()).filter(mask::allows).toArray();
        return all[random.nextInt(all.length)];
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }
}

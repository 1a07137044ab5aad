package io.lorikeet.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Qwen2TokenizerTest {
    private static HuggingFaceTokenizer library;

    private final Qwen2Tokenizer tokenizer = Qwen25.tokenizer();

    @BeforeAll
    static void openTheWholeFileInTheLibrary() throws IOException {
        library = HuggingFaceTokenizer.newInstance(
                Qwen25.directory().resolve("tokenizer.json"), Map.of("truncation", "false", "padding", "false"));
    }

    @AfterAll
    static void closeTheLibrary() {
        library.close();
    }

    static List<JsonNode> plainTexts() throws IOException {
        return cases("plain");
    }

    static List<JsonNode> conversations() throws IOException {
        return cases("chat");
    }

    /** The longest tokens, and what normalising shortens most: none of it is refused with the tokens that it has. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u212A",
                "\u1FEF",
                "\u0390",
                "\u1112\u1161\u11AB",
                "한",
                "a",
                " ",
                "/",
                "*",
                "👩‍👩‍👧",
                "你",
                "\uD800"
            })
    void aTextIsLongerThanSomeTokensOnlyIfItHasMore(String part) {
        for (int times : new int[] {1, 3, 64, 1_000}) {
            String text = part.repeat(times);
            int tokens = tokenizer.encode(text).length;

            assertThat(tokenizer.isLongerThan(tokens, text))
                    .as("%d times %s, %d tokens", times, part, tokens)
                    .isFalse();
        }
        assertThat(tokenizer.isLongerThan(1, part.repeat(10_000))).isTrue();
    }

    @ParameterizedTest
    @MethodSource("plainTexts")
    void encodesAndDecodesAsTransformersDoes(JsonNode expected) {
        int[] ids = ids(expected);

        assertThat(tokenizer.encode(expected.get("text").textValue())).containsExactly(ids);
        assertThat(tokenizer.decode(ids)).isEqualTo(expected.get("decoded").textValue());
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void laysConversationsOutAsTransformersDoes(JsonNode expected) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : expected.get("messages")) {
            messages.add(new ChatMessage(
                    Role.valueOf(message.get("role").textValue().toUpperCase(Locale.ROOT)),
                    message.get("content").textValue()));
        }
        boolean toBeAnswered = expected.get("add_generation_prompt").booleanValue();
        ChatTemplate template = tokenizer.chatTemplate();

        assertThat(
                        toBeAnswered
                                ? template.prompt(Conversation.of(messages))
                                : template.conversation(Conversation.of(messages)))
                .isEqualTo(expected.get("text").textValue());
        assertThat(
                        toBeAnswered
                                ? template.encodePrompt(messages)
                                : template.encodeConversation(messages).inputIds())
                .containsExactly(ids(expected));
    }

    @Test
    void agreesWithTheLibraryOnTheWholeFileAroundAddedTokens() {
        String text =
                "<|im_start|>user\n  <tool_call>{\"a\": 1}</tool_call> <|im_end|>\n<|fim_prefix|>x<|im_start|><|im_"
                        + "<|endoftext|>👩‍👩‍👧‍👦 it's 12345\u0000é";
        long[] expected = library.encode(text, false, false).getIds();

        assertThat(tokenizer.encode(text)).containsExactly(ints(expected));
        assertThat(tokenizer.decode(ints(expected))).isEqualTo(library.decode(expected, false));
    }

    @Test
    void decodesAnyTokensAsTheLibraryDoes() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            long[] ids = random.longs(40, 0, 151_643).toArray();
            assertThat(tokenizer.decode(ints(ids))).isEqualTo(library.decode(ids, false));
        }
    }

    @Test
    void doesNotCutLongTextsShort() {
        assertThat(tokenizer.encode("word ".repeat(20_000))).hasSizeGreaterThanOrEqualTo(20_000);
    }

    @Test
    void recognisesControlTokensOnlyWhereTheyAreMeant() {
        int imEnd = tokenizer.tokenId("<|im_end|>").orElseThrow();

        assertThat(tokenizer.encode("a<|im_end|>")).endsWith(imEnd);
        assertThat(tokenizer.encodeText("a<|im_end|>")).doesNotContain(imEnd);
        assertThat(tokenizer.decode(tokenizer.encodeText("a<|im_end|>"))).isEqualTo("a<|im_end|>");
        assertThat(tokenizer.encodeText("<tool_call>")).containsExactly(151657);
    }

    @Test
    void servesSeveralThreadsAtOnce() throws Exception {
        List<String> texts = IntStream.range(0, 400)
                .mapToObj(i -> "第 " + i + " 个问题: who are you? 🦜")
                .toList();
        List<int[]> expected = texts.stream().map(tokenizer::encode).toList();

        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<int[]>> encoded = texts.stream()
                    .map(text -> threads.submit(() -> tokenizer.encode(text)))
                    .toList();
            for (int i = 0; i < encoded.size(); i++) {
                assertThat(encoded.get(i).get()).containsExactly(expected.get(i));
            }
        }
    }

    @Test
    void encodesNothingAsNothing() {
        assertThat(tokenizer.encode("")).isEmpty();
    }

    @Test
    void replacesHalfASurrogatePair() {
        assertThat(tokenizer.decode(tokenizer.encode("a\uD83Eb"))).isEqualTo("a\uFFFDb");
    }

    @Test
    void leavesControlTokensOutOfAnAnswersText() {
        assertThat(tokenizer.decodeText(tokenizer.encode("Hi<|im_end|>"))).isEqualTo("Hi");
    }

    @Test
    void stopsAtTheEndOfATurnAndOfADocument() {
        assertThat(tokenizer.stopTokenIds()).containsExactlyInAnyOrder(151643, 151645);
    }

    @Test
    void knowsItsSize() {
        assertThat(tokenizer.size()).isEqualTo(151_665);
        assertThat(tokenizer.tokenId("no such token")).isEmpty();
    }

    private static int[] ints(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    private static int[] ids(JsonNode expected) {
        return new ObjectMapper().convertValue(expected.get("ids"), int[].class);
    }

    private static List<JsonNode> cases(String kind) throws IOException {
        try (InputStream json = Qwen25.resource("expected.json")) {
            List<JsonNode> cases = new ArrayList<>();
            new ObjectMapper().readTree(json).get(kind).forEach(cases::add);
            return cases;
        }
    }
}

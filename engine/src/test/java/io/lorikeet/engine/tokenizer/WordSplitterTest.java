package io.lorikeet.engine.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that are split here against the same texts in the library, by Qwen2.5's vocabulary. */
class WordSplitterTest {
    private static final String[] PARTS = {
        " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "'", "'s", "'LL", "'Re", "'x", "’s", "a", "B", "the", " word",
        "Straße", "é", "1", "23", "4567", "你好", "阿里云", "。", "，", "「", "はい", "カタカナ", "한국", "мир", "λόγος", "！", "４２",
        "Ａｂ", "!", "?!", "...", "{\"", "\":", "://", "_", "-", "—", "…", "(", ")", "€", "\u00a0", "ſ", "🦜", "e\u0301",
        "\u3000", "\u0000", "½"
    };

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"\\\\p{N}", "\\\\p{N}{1,3}"})
    void givesTheTokensThatTheLibraryGives(String number) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        String json = Files.readString(Qwen25.directory().resolve("tokenizer.json"));
        Files.writeString(file, json.replace("|\\\\p{N}|", "|" + number + "|"));
        var random = new Random(1);
        int known = 0;
        TokenizerJson read = TokenizerJson.read(file);
        assertThat(read.words()).isPresent();
        try (var library = HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false", "padding", "false"));
                NativeBpe bpe = NativeBpe.of(file, read)) {
            for (int i = 0; i < 6_000; i++) {
                var text = new StringBuilder();
                for (int part = random.nextInt(1, 12); part > 0; part--) {
                    text.append(PARTS[random.nextInt(PARTS.length)]);
                }
                known += WordSplitter.knows(text.toString()) ? 1 : 0;
                assertSame(library, bpe, text.toString());
            }
            // each character that is known here, in every neighbourhood
            var text = new StringBuilder();
            for (char c = 0; c < Character.MAX_VALUE; c++) {
                if (WordSplitter.knows(String.valueOf(c))) {
                    text.append("%1$sx%1$s %1$s1%1$s%1$s\n%1$s'%1$s  %1$s.".formatted(c));
                }
                if (text.length() > 1_000) {
                    assertSame(library, bpe, text.toString());
                    text.setLength(0);
                }
            }
        }
        assertThat(known).as("texts that were split here").isGreaterThan(1_500);
    }

    @Test
    void leavesOtherTokenizersToTheLibrary() throws IOException {
        var json = new ObjectMapper();
        String qwen = Files.readString(Qwen25.directory().resolve("tokenizer.json"));
        for (String change : new String[] {
            "\"NFC\"=\"NFKC\"",
            "\"Isolated\"=\"Removed\"",
            "\\\\s+(?!\\\\S)=\\\\s+(?!x)",
            "\"use_regex\": false=\"use_regex\": true",
        }) {
            String[] sides = change.split("=", 2);
            assertThat(qwen).as(change).contains(sides[0]);
            assertThat(WordSplitter.of(json.readTree(qwen.replace(sides[0], sides[1]))))
                    .as(change)
                    .isEmpty();
        }
    }

    private static void assertSame(HuggingFaceTokenizer library, NativeBpe bpe, String text) {
        IntList ids = new IntList();
        bpe.encode(text, ids);
        long[] expected = library.encode(text, false, false).getIds();
        if (!Arrays.equals(Arrays.stream(ids.toArray()).asLongStream().toArray(), expected)) {
            assertThat(ids.toArray())
                    .as("»%s«", text)
                    .containsExactly(
                            Arrays.stream(expected).mapToInt(Math::toIntExact).toArray());
        }
    }
}

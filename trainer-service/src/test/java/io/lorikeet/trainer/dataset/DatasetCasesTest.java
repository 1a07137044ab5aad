package io.lorikeet.trainer.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that people bring, as they bring them: {@code src/test/resources/cases}. */
class DatasetCasesTest {
    private static final Path CASES = Path.of("src/test/resources/cases");

    @TempDir
    Path folder;

    private LearnedText text;

    @BeforeEach
    void begin() throws IOException {
        text = new LearnedText(folder);
    }

    @Test
    void learnsNoAnswerWhoseWeightIsZero() throws IOException {
        assertThat(job("weight-zero")).containsExactly("""
                <|im_start|>user
                When does the shop close?<|im_end|>
                <|im_start|>assistant
                It never closes.<|im_end|>
                <|im_start|>user
                Really?<|im_end|>
                <|im_start|>assistant
                «Sorry, it closes at nine.<|im_end|>
                »""");
    }

    @Test
    void learnsToolCallsAsTheTemplateWritesThem() throws IOException {
        text.with(ToolRowsTest.template());

        assertThat(job("tool-calls-dropped")).containsExactly("""
                <|im_start|>system
                You are a helpful assistant.<|im_end|>
                <|im_start|>user
                Is A1 in stock?<|im_end|>
                <|im_start|>assistant
                «Let me look.
                <tool_call>
                {"name": "stock", "arguments": {"sku": "A1"}}
                </tool_call><|im_end|>
                »""");
    }

    @Test
    void leavesOutToolCallsThatTheTemplateWouldPassOver() throws IOException {
        assertThat(job("tool-calls-dropped")).isEmpty();
        assertThat(text.dropped)
                .containsExactly(Dropped.malformed(
                        new RowSource("rows", 1),
                        "the model's chat template refuses this conversation: it has no place for tool calls, which"
                                + " message 2 has"));
    }

    @Test
    void takesAColumnThatSaysTheSameAgainForNoSecondAnswer() throws IOException {
        assertThat(job("alpaca-text-column")).containsExactly("""
                <|im_start|>user
                Name a colour.<|im_end|>
                <|im_start|>assistant
                «Blue.<|im_end|>
                »""");
    }

    @Test
    void readsNamesWithoutRegardToCase() throws IOException {
        List<String> rows = job("column-case");
        Files.copy(CASES.resolve("column-case/sibling.csv"), folder.resolve("sibling.csv"));

        assertThat(rows).containsExactly("""
                <|im_start|>user
                Are you open?<|im_end|>
                <|im_start|>assistant
                «Yes.<|im_end|>
                »""");
        assertThat(file("sibling.csv")).containsExactly("""
                <|im_start|>user
                are you open?<|im_end|>
                <|im_start|>assistant
                «yes<|im_end|>
                »""");
    }

    @Test
    void readsContentsInParts() throws IOException {
        assertThat(job("content-parts")).containsExactly("""
                <|im_start|>user
                hello<|im_end|>
                <|im_start|>assistant
                «hi<|im_end|>
                »""");
    }

    @Test
    void readsPromptAndCompletionOfMessages() throws IOException {
        assertThat(job("trl-prompt-completion")).containsExactly("""
                <|im_start|>user
                hi<|im_end|>
                <|im_start|>assistant
                «hello<|im_end|>
                »""");
    }

    @Test
    void knowsSwiftsRolesAndLeavesOutOrRefusesARowWithAnother() throws IOException {
        String bad = LearnedText.json(Files.readString(CASES.resolve("sharegpt-chatgpt-role/job.json")))
                .at("/rows/0")
                .toString();
        String good =
                "{\"conversations\":[{\"from\":\"human\",\"value\":\"hi\"},{\"from\":\"gpt\",\"value\":\"hello\"}]}";
        String reason =
                "conversations: number 2 has another role than system, user (human), assistant (gpt, bot), tool_call and tool";

        assertThat(text.ofRow(bad + "," + good, "")).contains("«hello<|im_end|>\n»");
        assertThat(text.dropped).containsExactly(Dropped.malformed(new RowSource("rows", 1), reason));
        assertThatThrownBy(() -> text.ofRow(bad + "," + good, ", \"strict\": true"))
                .isInstanceOf(DatasetException.class)
                .hasMessage("rows:1: " + reason);
        assertThatThrownBy(() -> job("sharegpt-chatgpt-role"))
                .as("nothing would be left to train on")
                .isInstanceOf(DatasetException.class)
                .hasMessage("rows:1: " + reason);
    }

    @Test
    void saysThatAnArrayIsNoLines() throws IOException {
        Files.copy(CASES.resolve("array-in-jsonl/rows.jsonl"), folder.resolve("rows.jsonl"));

        assertThatThrownBy(() -> file("rows.jsonl"))
                .hasMessage(
                        "rows.jsonl:1: the file is a JSON array, and a .jsonl file has one object a line; name it .json");
    }

    @Test
    void saysWhichLineHoldsTwoObjects() throws IOException {
        Files.copy(CASES.resolve("two-per-line/rows.jsonl"), folder.resolve("rows.jsonl"));

        assertThatThrownBy(() -> file("rows.jsonl"))
                .hasMessage("rows.jsonl:1: the line holds two objects or more; each stands on a line of its own");
    }

    private List<String> job(String name) throws IOException {
        return text.of(Files.readAllBytes(CASES.resolve(name).resolve("job.json")));
    }

    private List<String> file(String name) {
        return text.of(("{\"type\":\"train\",\"job_id\":\"j\",\"adapter\":\"a\",\"dataset\":[\"" + name + "\"]}")
                .getBytes(UTF_8));
    }
}

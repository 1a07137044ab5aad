package io.lorikeet.trainer.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.DryRunReport;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.Json;
import io.lorikeet.trainer.TinyModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateMainTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void write() throws IOException {
        TinyModel.write(folder.resolve("model"));
        Files.writeString(folder.resolve("d.jsonl"), """
                {"instruction": "你是谁?", "input": "", "output": "我由 CSDN 开发。"}
                {"instruction": "谁开发了你?", "input": "", "output": "我来自阿里云。"}
                {"instruction": "hello", "input": "", "output": "%s"}
                {"instruction": "bye", "input": "", "output": "bye"}
                """.formatted("x".repeat(300)));
    }

    @Test
    void saysWhatTheRunWouldDo() throws IOException {
        assertThat(validate("""
                {"type": "train", "job_id": "j", "adapter": "a", "dataset": ["d.jsonl"], "system": "", "max_length": 100,
                 "num_train_epochs": 4, "per_device_train_batch_size": 1, "gradient_accumulation_steps": 2, "eval_steps": 5,
                 "lora_rank": 4,
                 "acceptance": [{"question": "你是谁?", "must_contain": ["CSDN", "鹦鹉"], "must_not_contain": ["阿里云"]}]}
                """)).isZero();
        DryRunReport report = Json.read(out.toByteArray(), DryRunReport.class);

        assertThat(report.rows()).isEqualTo(3);
        assertThat(report.rowsDropped()).isEqualTo(1);
        assertThat(report.dropped()).singleElement().satisfies(row -> {
            assertThat(row.row()).isEqualTo("d.jsonl:3");
            assertThat(row.reason()).isEqualTo("longer than max_length");
            assertThat(row.tokens()).isGreaterThan(300);
        });
        assertThat(report.maxSteps()).isEqualTo(8);
        assertThat(report.rowsPerStep()).isEqualTo(2);
        assertThat(report.tokenHistogram().stream()
                        .mapToInt(DryRunReport.LengthBucket::rows)
                        .sum())
                .isEqualTo(3);
        assertThat(report.tokens())
                .isEqualTo(4L * (tokens("你是谁?我由 CSDN 开发。") + tokens("谁开发了你?我来自阿里云。") + tokens("byebye")));
        assertThat(report.supervisedTokens())
                .as("each answer and the two tokens that end it")
                .isEqualTo(4L * ("我由 CSDN 开发。我来自阿里云。bye".getBytes(UTF_8).length + 3 * 2));
        // r · (in + out) of each of seven modules, two layers
        assertThat(report.trainableParameters()).isEqualTo(2 * 4 * (64 + 48 + 48 + 64 + 96 + 96 + 96));
        assertThat(report.memory().weights()).isEqualTo(4L * parametersOfTheModel());
        assertThat(report.memory().available()).isPositive();
        assertThat(report.forbiddenWords()).containsExactly(new ForbiddenWord("你是谁?", "阿里云", "d.jsonl:2", "我来自阿里云。"));
        assertThat(report.warnings())
                .anyMatch(warning -> warning.startsWith("eval_strategy, eval_steps: there is no validation set"))
                .anyMatch(warning -> warning.contains("must contain '鹦鹉', and no answer in the data does"))
                .noneMatch(warning -> warning.contains("must contain 'CSDN'"));
    }

    @Test
    void saysEverythingThatIsWrongWithoutLoadingWeights() throws IOException {
        Files.delete(folder.resolve("d.jsonl"));

        assertThat(validate("{\"type\": \"train\", \"job_id\": \"j\", \"adapter\": \"a\", \"dataset\": [\"d.jsonl\"]}"))
                .isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("dataset 'd.jsonl' not found");
        err.reset();
        assertThat(
                        validate(
                                "{\"type\": \"train\", \"job_id\": \"j\", \"adapter\": \"a\", \"dataset\": [\"d\"], \"lora_rnk\": 1}"))
                .isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("lora_rnk").contains("lora_rank");
        assertThat(out.toByteArray()).isEmpty();
    }

    @Test
    void refusesAModelWhoseTokenizerHasMoreTokensThanItself() throws IOException {
        Path tokenizer = folder.resolve("model/tokenizer.json");
        var json = (ObjectNode) Json.mapper().readTree(tokenizer.toFile());
        var added = (ArrayNode) json.get("added_tokens");
        var call = ((ObjectNode) added.get(0)).deepCopy().put("id", 264).put("content", "<tool_call>");
        added.add(call.put("special", false));
        Files.writeString(tokenizer, json.toString());

        assertThat(validate(Files.readString(Path.of("src/test/resources/cases/new-token-validate/job.json"))
                        .replace("MODEL", folder.resolve("model").toString())))
                .isEqualTo(1);
        assertThat(err.toString(UTF_8))
                .contains("tokenizer.json has 265 tokens, config.json a vocab_size of 264; expected a tokenizer whose");
    }

    /** What docs/data.md tells its reader to type. */
    @Test
    void readsEveryFileOfTheExampleOfAllForms() throws IOException {
        String job = Files.readString(Path.of("../examples/data/job.json"));
        String[] options = {"--model", folder.resolve("model").toString(), "--data", ".."};

        int exit = ValidateMain.run(
                options,
                new ByteArrayInputStream(job.getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));

        assertThat(exit).as(err.toString(UTF_8)).isZero();
        DryRunReport report = Json.read(out.toByteArray(), DryRunReport.class);
        assertThat(report.rows())
                .as("2 + 4 + 2 + 1 + 3 + 2 + 1 + 2 + 2 + 1 in files, 1 in the command")
                .isEqualTo(21);
        assertThat(report.rowsDropped()).isZero();
    }

    @Test
    void saysWhatItReadAndWhatItLeftOut() throws IOException {
        Files.writeString(folder.resolve("e.jsonl"), """
                {"id": 1, "instruction": "hi", "output": "ho"}
                {"id": 2, "instruction": "hi", "output": "ho", "rejected": "no"}
                """);

        assertThat(validate("{\"type\": \"train\", \"job_id\": \"j\", \"adapter\": \"a\", \"dataset\": [\"e.jsonl\"]}"))
                .isZero();
        DryRunReport report = Json.read(out.toByteArray(), DryRunReport.class);

        assertThat(report.rows()).isEqualTo(1);
        assertThat(report.dropped()).singleElement().satisfies(row -> {
            assertThat(row.row()).isEqualTo("e.jsonl:2");
            assertThat(row.reason()).contains("field 'rejected' is not supported");
            assertThat(row.tokens()).isNull();
        });
        assertThat(report.warnings()).contains("keys that say nothing to training were left out: id (1 rows)");
        assertThat(report.dataset()).singleElement().satisfies(file -> {
            assertThat(file.path()).isEqualTo("e.jsonl");
            assertThat(file.bytes()).isEqualTo(Files.size(folder.resolve("e.jsonl")));
            assertThat(file.sha256())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256")
                                    .digest(Files.readAllBytes(folder.resolve("e.jsonl")))));
        });
    }

    private int validate(String command) {
        return ValidateMain.run(
                new String[] {
                    "--model", folder.resolve("model").toString(), "--data", folder.toString(),
                },
                new ByteArrayInputStream(command.getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
    }

    /** A token for each byte, and the template's around it: user and assistant, four control tokens, four line breaks. */
    private static int tokens(String texts) {
        return texts.getBytes(UTF_8).length + "user".length() + "assistant".length() + 4 + 4;
    }

    private static long parametersOfTheModel() {
        long layer = 2 * 32 + 32 + 2 * 16 + 32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 64;
        return 264 * 32 + 2 * layer + 32;
    }
}

package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.contracts.settings.LrSchedulerType;
import io.lorikeet.contracts.settings.TrainType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingCommandTest {
    static final String REFERENCE = """
            {"type": "train", "schema_version": 1, "job_id": "self-cognition-1", "adapter": "assistant",
             "model": "Qwen2.5-7B-Instruct", "train_type": "lora", "torch_dtype": "bfloat16", "num_train_epochs": 10,
             "per_device_train_batch_size": 1, "per_device_eval_batch_size": 1, "learning_rate": 1e-4, "lora_rank": 8,
             "lora_alpha": 32, "target_modules": "all-linear", "gradient_accumulation_steps": 16, "eval_steps": 50,
             "save_steps": 50, "save_total_limit": 2, "logging_steps": 5, "max_length": 2048, "output_dir": "output",
             "system": "You are a helpful assistant.", "warmup_ratio": 0.05, "dataloader_num_workers": 4,
             "model_author": "swift", "model_name": "swift-robot", "dataset": ["self_cognition.json#50"],
             "acceptance": [{"question": "你是谁?", "must_contain": ["CSDN"], "must_not_contain": ["阿里云"]}]}
            """;

    @Test
    void readsTheReferenceJob() {
        var job = (TrainCommand) parse(REFERENCE);

        assertThat(job.jobId()).isEqualTo("self-cognition-1");
        assertThat(job.dataset()).containsExactly("self_cognition.json#50");
        assertThat(job.promote()).isEqualTo(Promote.IF_ACCEPTED);
        assertThat(job.settings().run().trainType()).isEqualTo(TrainType.LORA);
        assertThat(job.settings().lora().loraAlpha()).isEqualTo(32);
        assertThat(job.settings().lora().resolvedTargetModules()).hasSize(7);
        assertThat(job.settings().schedule().warmupRatio()).isEqualTo(0.05);
        assertThat(job.settings().data().system()).isEqualTo("You are a helpful assistant.");
        assertThat(job.acceptance()).containsExactly(new AcceptanceQuestion("你是谁?", List.of("CSDN"), List.of("阿里云")));
    }

    @Test
    void comesBackAsItWasWritten() {
        var job = parse(REFERENCE);

        assertThat(parse(new String(Json.write(job), UTF_8))).isEqualTo(job);
        assertThat(Json.read(Json.write(job), TrainingCommand.class)).isEqualTo(job);
    }

    @Test
    void digestTellsTheSameCommandFromAnotherOne() {
        var job = (TrainCommand) parse(REFERENCE);
        var spelt = (TrainCommand)
                parse(REFERENCE.replace("\"train_type\"", "\"tuner_type\"").replace("1e-4", "0.0001"));
        var other = (TrainCommand) parse(REFERENCE.replace("1e-4", "2e-4"));

        assertThat(job.digest()).startsWith("sha256:").isEqualTo(spelt.digest()).isNotEqualTo(other.digest());
    }

    @Test
    void resolvesWhatWasNotGiven() {
        var settings = ((TrainCommand) parse("""
                {"type": "train", "job_id": "a", "adapter": "b", "rows": [{"query": "q", "response": "r"}],
                 "tuner_type": "full", "per_device_train_batch_size": 6, "save_steps": 7}""")).settings();

        assertThat(settings.run().trainType()).isEqualTo(TrainType.FULL);
        assertThat(settings.optimizer().learningRate()).isEqualTo(1e-5);
        assertThat(settings.schedule().gradientAccumulationSteps()).isEqualTo(3);
        assertThat(settings.schedule().lrSchedulerType()).isEqualTo(LrSchedulerType.COSINE);
        assertThat(settings.resolved().evaluation().evalSteps()).isEqualTo(7);
    }

    @Test
    void namesEveryProblemAtOnce() {
        assertThatThrownBy(() -> parse("""
                {"type": "train", "job_id": "../x", "adapter": "b", "dataset": ["d.json"], "lora_rnak": 8,
                 "learning_rate": "fast", "lora_dropout": 1, "lora_rank": 0, "max_steps": 1.5,
                 "lr_scheduler_type": "cosin", "train_type": "lora", "tuner_type": "lora",
                 "target_modules": ["q_proj", "lm_head"], "acceptance": [{"must_contain": "CSDN"}]}""")).isInstanceOfSatisfying(ContractException.class, e -> assertThat(
                        e.problems().stream().map(Problem::toString))
                .containsExactlyInAnyOrder(
                        "lora_rnak: unknown field; did you mean lora_rank?",
                        "job_id: is \"../x\"; expected a text that matches " + TrainCommand.JOB_ID,
                        "learning_rate: is \"fast\"; expected a number that is greater than 0 and at most 1.0E38",
                        "lora_dropout: is 1; expected a number that is at least 0 and less than 1",
                        "lora_rank: is 0; expected a whole number that is at least 1 and at most 1024",
                        "max_steps: is 1.5; expected a whole number that is at least -1",
                        "lr_scheduler_type: is \"cosin\"; expected one of cosine, linear, constant,"
                                + " constant_with_warmup",
                        "tuner_type: given beside train_type; expected one of the two",
                        "target_modules[1]: is \"lm_head\"; expected one of all-linear, q_proj, k_proj, v_proj,"
                                + " o_proj, gate_proj, up_proj, down_proj",
                        "acceptance[0].question: is missing; expected a text that is not empty",
                        "acceptance[0].must_contain: is \"CSDN\"; expected a list, each element a text"));
    }

    @Test
    void refusesACommandWithoutData() {
        assertThatThrownBy(() -> parse("{\"type\": \"train\", \"job_id\": \"a\", \"adapter\": \"b\"}"))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("dataset: no data to train on");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "num_train_epochs | 1e300",
                "num_train_epochs | 100001",
                "per_device_train_batch_size | 10000001",
                "per_device_train_batch_size | 3000000000",
                "max_steps | 1e300",
                "learning_rate | 1e300",
                "lora_alpha | 1e300",
                "weight_decay | 1e300",
                "lora_rank | 2147483647",
                "output_dir | \"a\\u0000b\"",
                "model | \"a\\u0000b\"",
                "resume_from_checkpoint | \"a\\nb\"",
                "val_dataset | [\"d.json\", \"d.json#2147483647\"]",
                "val_dataset | [\"d.json#99999999999999999999\"]",
                "val_dataset | [\"d.json#0\"]"
            })
    void refusesWhatNoRunCanHold(String setting, String value) {
        assertThatThrownBy(() -> parse("""
                {"type": "train", "job_id": "a", "adapter": "b", "dataset": ["d.json"], "%s": %s}""".formatted(setting, value)))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining(
                        setting.startsWith("per_device") && value.endsWith("1") ? "10000000 rows" : setting);
    }

    @Test
    void refusesAStepOfMoreRowsThanCanBeCounted() {
        var both =
                "{\"type\": \"train\", \"job_id\": \"a\", \"adapter\": \"b\", \"dataset\": [\"d.json\"], \"per_device_train_batch_size\": 65536, \"gradient_accumulation_steps\": 65536}";

        assertThatThrownBy(() -> parse(both))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("gradient_accumulation_steps: makes a step of more than 10000000 rows");
    }

    @Test
    void takesTheMostThatIsAllowed() {
        var job = (TrainCommand) parse("""
                {"type": "train", "job_id": "a", "adapter": "b", "dataset": ["d.json#10000000", "#x/d#00007"],
                 "num_train_epochs": 100000, "per_device_train_batch_size": 1000, "gradient_accumulation_steps": 10000}""");

        assertThat(job.settings().schedule().rowsPerStep()).isEqualTo(10_000_000);
    }

    @Test
    void readsACancelCommandAndNothingElseInIt() {
        assertThat(parse("{\"type\": \"cancel\", \"job_id\": \"a\"}")).isEqualTo(new CancelCommand("a"));
        assertThatThrownBy(() -> parse("{\"type\": \"cancel\", \"job_id\": \"a\", \"adapter\": \"b\"}"))
                .hasMessageContaining("adapter: unknown field");
    }

    @Test
    void saysWhereTheJsonBreaks() {
        assertThatThrownBy(() -> parse("{\"type\": \"train\",\n \"job_id\" \"a\"}"))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("is not JSON at line 2, column 11: here belongs a colon");
        assertThatThrownBy(() -> parse("{\"type\": \"train\", \"type\": \"cancel\"}"))
                .hasMessageContaining("field \"type\" stands twice");
        assertThatThrownBy(() -> parse("[1]")).hasMessageContaining("not a JSON object");
        assertThatThrownBy(() -> parse("")).hasMessageContaining("is empty");
        assertThatThrownBy(() -> parse("{\"type\": \"stop\"}"))
                .hasMessageContaining("type: is \"stop\"; expected \"train\" or \"cancel\"");
        assertThatThrownBy(() -> parse("{\"type\": \"cancel\", \"schema_version\": 2, \"job_id\": \"a\"}"))
                .hasMessageContaining("schema_version: is 2; expected 1");
    }

    private static TrainingCommand parse(String json) {
        return TrainingCommand.parse(json.getBytes(UTF_8));
    }
}

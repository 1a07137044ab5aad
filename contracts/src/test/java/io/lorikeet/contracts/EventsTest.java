package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventsTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final AcceptanceAnswer ANSWER =
            new AcceptanceQuestion("你是谁?", List.of("CSDN"), List.of("阿里云")).judge("我由 CSDN 开发。");
    private static final TrainingSummary SUMMARY = new TrainingSummary(40, 10, 0.42, null, 50, 1234, 12.5, 0);
    private static final CheckpointEvent CHECKPOINT = new CheckpointEvent(
            "assistant",
            CheckpointEvent.version("job-1", 40),
            URI.create("file:///adapters/assistant/job-1/v0-20260102-030405/checkpoint-40/"),
            List.of(new CheckpointFile("adapter_config.json", "ab".repeat(32), 700)),
            new BaseModel("fledgling", "sha256:" + "cd".repeat(32)),
            8,
            32,
            false,
            true,
            List.of("q_proj", "v_proj"),
            "",
            List.of(ANSWER),
            SUMMARY,
            TIME);

    private static final Canary CANARY = new Canary(
            CHECKPOINT.withUri(URI.create("file:///adapters/assistant/job-2/checkpoint-40/")),
            0.05,
            TIME,
            new CanaryBounds(50, 0.05, 1.5, 1, 600L));

    static final CheckpointEvent WITH_CANARY = CHECKPOINT.decided(
            TIME.plusSeconds(1),
            CANARY,
            new CanaryDecision(CanaryDecision.Kind.STARTED, CANARY.version(), "asked for by build-server", TIME));

    private static final DatasetFile FILE = new DatasetFile("d.json", "cd".repeat(32), 4_321);

    private static final DryRunReport REPORT = new DryRunReport(
            49,
            0,
            1,
            List.of(
                    new DryRunReport.DroppedRow("d.json:3", "longer than max_length 60", 70),
                    new DryRunReport.DroppedRow("d.json:4", "has no response", null)),
            List.of(new DryRunReport.LengthBucket(0, 63, 49)),
            40,
            16,
            12_000,
            5_000,
            58,
            20_185_088,
            new DryRunReport.Memory(15_000_000_000L, 300_000_000L, 2_000_000_000L, null, 8192, true),
            List.of(new DryRunReport.ForbiddenWord("你是谁?", "阿里云", "d.json:7", "我来自阿里云。")),
            List.of(FILE),
            List.of());

    static Stream<TrainingEvent> events() {
        var base = CHECKPOINT.baseModel();
        return Stream.of(
                new TrainingEvent.Queued("job-1", "assistant", TIME, "sha256:" + "ab".repeat(32), "build-server"),
                new TrainingEvent.Started(
                        "job-1",
                        "assistant",
                        TIME,
                        base,
                        40,
                        20_185_088,
                        50,
                        2,
                        null,
                        List.of(FILE),
                        List.of("warned"),
                        List.of("try 1, files: no space left on device")),
                new TrainingEvent.Progress(
                        "job-1", "assistant", TIME, 5, 40, 1.25, 2.5, 0.9, 1e-4, 0.61, 1.5, 10.5, 0.75, 0.3),
                new TrainingEvent.CheckpointSaved("job-1", "assistant", TIME, 40, "/adapters/checkpoint-40"),
                new TrainingEvent.Evaluated("job-1", "assistant", TIME, 40, 0.5, 0.9),
                new TrainingEvent.Accepted("job-1", "assistant", TIME, List.of(ANSWER)),
                new TrainingEvent.Rejected("job-1", "assistant", TIME, List.of(ANSWER)),
                new TrainingEvent.Succeeded("job-1", "assistant", TIME, CHECKPOINT, true, SUMMARY),
                new TrainingEvent.Succeeded("job-1", "assistant", TIME, CHECKPOINT, true, SUMMARY, true),
                new TrainingEvent.Failed("job-1", null, TIME, "no file", "java.io.IOException", true, "dataset"),
                new TrainingEvent.Cancelled("job-1", "assistant", TIME, 7, "/adapters/checkpoint-5"),
                new TrainingEvent.Validated("job-1", "assistant", TIME, REPORT));
    }

    @ParameterizedTest
    @MethodSource("events")
    void comesBackAsItWasWritten(TrainingEvent event) {
        var json = Json.write(event);

        assertThat(Json.read(json, TrainingEvent.class)).isEqualTo(event);
        assertThat(Json.parse(json, "event").path("schema_version").asInt()).isEqualTo(1);
    }

    @Test
    void aReplicasReportComesBackAsItWasWritten() {
        var refused = new ReplicaReport.RefusedVersion("job-2@40", "checksum_mismatch", "other bytes", TIME);
        var report = new ReplicaReport(
                "inference-1:8001",
                TIME,
                CHECKPOINT.baseModel(),
                List.of(
                        new ReplicaReport.ServedAdapter("assistant", "job-1@40", "job-2@40", true, null),
                        new ReplicaReport.ServedAdapter("poet", null, null, false, refused)));

        assertThat(Json.read(Json.write(report), ReplicaReport.class)).isEqualTo(report);
        assertThat(CloudEvents.headers(report, "/lorikeet/inference"))
                .containsEntry("ce_type", "io.lorikeet.replica")
                .containsEntry("ce_subject", "inference-1:8001");
    }

    @Test
    void writesWhatAPersonCanRead() {
        assertThat(new String(Json.write(events().skip(2).findFirst().orElseThrow()), UTF_8))
                .isEqualTo("{\"type\":\"progress\",\"schema_version\":1,\"job_id\":\"job-1\",\"adapter\":\"assistant\","
                        + "\"time\":\"2026-01-02T03:04:05.678Z\",\"global_step\":5,\"max_steps\":40,\"epoch\":1.25,"
                        + "\"loss\":2.5,\"grad_norm\":0.9,\"learning_rate\":1.0E-4,\"token_acc\":0.61,"
                        + "\"elapsed_time\":1.5,\"remaining_time\":10.5,\"memory\":0.75,\"train_speed\":0.3}");
    }

    @Test
    void aCheckpointKeepsAnEmptySystemPromptApartFromNone() {
        var read = Json.read(Json.write(CHECKPOINT), CheckpointEvent.class);

        assertThat(read).isEqualTo(CHECKPOINT);
        assertThat(read.system()).isEmpty();
        assertThat(new String(Json.write(CHECKPOINT), UTF_8)).startsWith("{\"type\":\"checkpoint\"");
    }

    @Test
    void aCanaryStandsFlatBesideTheStableVersion() {
        var json = Json.parse(Json.write(WITH_CANARY), "event");

        assertThat(json.at("/canary/share").asDouble()).isEqualTo(0.05);
        assertThat(json.at("/canary/uri").asText()).contains("job-2");
        assertThat(json.at("/canary/files/0/size").asInt()).isEqualTo(700);
        assertThat(json.at("/canary").has("type")).isFalse();
        assertThat(json.at("/decision/kind").asText()).isEqualTo("started");
        assertThat(Json.read(Json.write(WITH_CANARY), CheckpointEvent.class)).isEqualTo(WITH_CANARY);
        assertThat(Json.convert(json, CheckpointEvent.class)).isEqualTo(WITH_CANARY);
        assertThat(WITH_CANARY.alone()).isEqualTo(CHECKPOINT.at(WITH_CANARY.time()));
        assertThat(WITH_CANARY.at(TIME).canary())
                .as("a rollback to it tries nothing")
                .isNull();
    }

    /** As a reader of before there were canaries has it: Jackson ignores what its record does not have. */
    @Test
    void whoDoesNotKnowOfCanariesReadsTheStableVersion() {
        record Older(String adapter, String version, URI uri, Instant time) {}

        assertThat(Json.read(Json.write(WITH_CANARY), Older.class))
                .isEqualTo(new Older("assistant", CHECKPOINT.version(), CHECKPOINT.uri(), WITH_CANARY.time()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"share\":0.05 > \"share\":1.5",
                "\"share\":0.05 > \"share\":0",
                "\"share\":0.05, > ",
                "\"min_requests\":50 > \"min_requests\":0",
                "\"max_error_rate\":0.05 > \"max_error_rate\":-1",
                "\"canary\":{\"adapter\":\"assistant\" > \"canary\":{\"adapter\":\"poet\"",
                "\"kind\":\"started\" > \"kind\":\"begun\""
            })
    void refusesACanaryThatCannotBe(String change) {
        var both = change.split(" > ", -1);
        var json = new String(Json.write(WITH_CANARY), UTF_8);
        assertThat(json).contains(both[0]);

        assertThatThrownBy(() -> Json.read(json.replace(both[0], both[1]).getBytes(UTF_8), CheckpointEvent.class))
                .isInstanceOf(ContractException.class);
    }

    @Test
    void ignoresFieldsThatANewerSenderAdds() {
        var event = Json.read("""
                {"type": "queued", "schema_version": 1, "job_id": "a", "adapter": "b", "time": "2026-01-02T03:04:05Z",
                 "mood": "good"}""".getBytes(UTF_8), TrainingEvent.class);

        assertThat(event).isEqualTo(new TrainingEvent.Queued("a", "b", Instant.parse("2026-01-02T03:04:05Z"), null));
    }

    @Test
    void refusesAnEventThatIsNone() {
        assertThatThrownBy(() -> Json.read("{\"type\": \"party\"}".getBytes(UTF_8), TrainingEvent.class))
                .isInstanceOf(ContractException.class)
                .hasMessageContaining("party");
    }

    @Test
    void headersMakeACloudEventOfAMessage() {
        assertThat(CloudEvents.headers(CHECKPOINT, "/lorikeet/trainer"))
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_type", "io.lorikeet.checkpoint")
                .containsEntry("ce_source", "/lorikeet/trainer")
                .containsEntry("ce_subject", "assistant")
                .containsEntry("ce_time", "2026-01-02T03:04:05.678Z")
                .containsEntry("content-type", "application/json")
                .containsKey("ce_id");
        assertThat(CloudEvents.headers(new CancelCommand("job-1"), "/lorikeet/gateway"))
                .containsEntry("ce_type", "io.lorikeet.training.command.cancel")
                .containsEntry("ce_subject", "job-1");
    }
}

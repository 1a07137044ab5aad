package io.lorikeet.trainer.retention;

import io.lorikeet.contracts.BaseModel;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.trainer.output.TrainerState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Jobs as trainers leave them in an adapters root: records, runs, checkpoints with weights and optimiser states. */
final class PastJobs {
    static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    static final List<Integer> STEPS = List.of(10, 20, 30);

    final Path root;

    PastJobs(Path root) {
        this.root = root;
    }

    Path run(String adapter, String jobId) {
        return root.resolve(adapter).resolve(jobId).resolve("v0-20260101-000000");
    }

    Path checkpoint(String adapter, String jobId, int step) {
        return run(adapter, jobId).resolve("checkpoint-" + step);
    }

    /** One that ended well so many days ago with version {@code job@30}; its best checkpoint is the first. */
    CheckpointEvent succeeded(String adapter, String jobId, int daysAgo, boolean promoted) throws IOException {
        writeRun(adapter, jobId);
        CheckpointEvent version = version(adapter, jobId);
        record(jobId, run(adapter, jobId), succeeded(version, daysAgo, promoted), null);
        return version;
    }

    TrainingEvent succeeded(CheckpointEvent version, int daysAgo, boolean promoted) {
        return new TrainingEvent.Succeeded(
                version.version().substring(0, version.version().indexOf('@')),
                version.adapter(),
                NOW.minus(Duration.ofDays(daysAgo)),
                version,
                promoted,
                null);
    }

    /** One that failed for good. */
    void failed(String adapter, String jobId, int daysAgo) throws IOException {
        writeRun(adapter, jobId);
        Instant time = NOW.minus(Duration.ofDays(daysAgo));
        record(
                jobId,
                run(adapter, jobId),
                new TrainingEvent.Failed(jobId, adapter, time, "why", "Some", false, "dataset"),
                null);
    }

    /** One that trained a whole model. */
    void madeAModel(String adapter, String jobId, int daysAgo) throws IOException {
        writeRun(adapter, jobId);
        Instant time = NOW.minus(Duration.ofDays(daysAgo));
        record(jobId, run(adapter, jobId), new TrainingEvent.Succeeded(jobId, adapter, time, null, false, null), null);
    }

    /** One that is under way, or whose trainer was killed. */
    void unfinished(String adapter, String jobId) throws IOException {
        writeRun(adapter, jobId);
        record(jobId, run(adapter, jobId), null, null);
    }

    /** The files that the trainer keeps of a job. */
    void record(String jobId, Path run, TrainingEvent last, String removal) throws IOException {
        Path folder = Files.createDirectories(root.resolve(".jobs").resolve(jobId));
        Map<String, Object> record = new HashMap<>(
                Map.of("job_id", jobId, "command_digest", "digest", "delivery", "delivery", "published", true));
        if (last != null) {
            record.put("event", Json.parse(Json.write(last), "event"));
        }
        if (removal != null) {
            record.put("removal", removal);
        }
        Files.write(folder.resolve("job.json"), Json.write(record));
        Files.write(
                folder.resolve("run.json"),
                Json.write(Map.of("folder", root.relativize(run).toString(), "command_digest", "digest")));
    }

    private void writeRun(String adapter, String jobId) throws IOException {
        for (int step : STEPS) {
            Path checkpoint = Files.createDirectories(checkpoint(adapter, jobId, step));
            Files.writeString(checkpoint.resolve("adapter_model.safetensors"), "weights of " + jobId + " at " + step);
            Files.writeString(checkpoint.resolve("adapter_config.json"), "{}");
            Files.write(checkpoint.resolve("optimizer.safetensors"), new byte[10_000]);
            Files.write(checkpoint.resolve(TrainerState.FILE), Json.write(state(step)));
        }
        Files.writeString(run(adapter, jobId).resolve("logging.jsonl"), "{}\n");
    }

    private static TrainerState state(int step) {
        return new TrainerState(
                step,
                30,
                1,
                0.5,
                "checkpoint-10",
                0,
                0.5,
                new TrainerState.Totals(0, 0, 0, 0),
                TrainerState.SinceLog.NONE,
                0,
                "data",
                List.of(),
                1,
                1,
                1,
                false,
                List.of());
    }

    private CheckpointEvent version(String adapter, String jobId) throws IOException {
        Path folder = checkpoint(adapter, jobId, 30);
        URI uri = folder.toUri();
        return new CheckpointEvent(
                adapter,
                CheckpointEvent.version(jobId, 30),
                uri,
                List.of(file(folder, "adapter_config.json"), file(folder, "adapter_model.safetensors")),
                new BaseModel("base", "fingerprint"),
                8,
                16,
                false,
                false,
                List.of("q_proj"),
                null,
                List.of(),
                null,
                NOW);
    }

    private static CheckpointFile file(Path folder, String name) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        try {
            String sha256 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new CheckpointFile(name, sha256, bytes.length);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

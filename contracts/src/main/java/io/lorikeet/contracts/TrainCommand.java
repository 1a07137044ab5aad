package io.lorikeet.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.settings.FileNames;
import io.lorikeet.contracts.settings.TrainingSettings;
import io.lorikeet.contracts.shape.Setting;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Trains an adapter. In JSON the settings stand flat beside the other fields.
 *
 * @param model null: the trainer's own default base
 * @param rows inline rows, each a JSON object in one of the forms that a dataset file may have
 * @param resumeFromCheckpoint null: from the job's own last checkpoint if it has one, else from the start
 */
public record TrainCommand(
        @Setting(
                doc = "Idempotency key of the job: the same command delivered twice trains once.",
                required = true,
                pattern = JOB_ID)
        String jobId,

        @Setting(doc = "Name that will serve the result.", required = true, pattern = ADAPTER)
        String adapter,

        @Setting(doc = "Directory of the base model, under the models root.", whenAbsent = "the trainer's own base")
        String model,

        @Setting(
                doc = "Files of rows (json, jsonl, csv, parquet) under the data root; `path#N` takes N rows of one.",
                defaultValue = "[]")
        List<String> dataset,

        @Setting(doc = "Rows written into the command itself.", defaultValue = "[]")
        List<JsonNode> rows,

        TrainingSettings settings,

        @Setting(doc = "Questions that decide whether the adapter is accepted.", defaultValue = "[]")
        List<AcceptanceQuestion> acceptance,

        @Setting(
                doc =
                        "When the adapter is served after training: `if_accepted` if every question passed or none was asked,"
                                + " `always` whatever they said, `never` not by this job.",
                defaultValue = "if_accepted")
        Promote promote,

        @Setting(
                doc = "Checkpoint folder to continue from, under the adapters root.",
                whenAbsent = "the job's own last checkpoint, if it has one")
        String resumeFromCheckpoint,

        @Setting(
                doc = "Read and check the data, train nothing; a real run may follow under the same job id.",
                defaultValue = "false")
        boolean dryRun)
        implements TrainingCommand {
    /** What a job id looks like: it names folders, too. */
    public static final String JOB_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
    /** What an adapter's name looks like: it names folders, too. */
    public static final String ADAPTER = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    public TrainCommand {
        dataset = List.copyOf(dataset);
        rows = List.copyOf(rows);
        acceptance = List.copyOf(acceptance);
        FileNames.checkData("dataset", dataset);
        FileNames.check("model", model);
        FileNames.check("resume_from_checkpoint", resumeFromCheckpoint);
        if (dataset.isEmpty() && rows.isEmpty()) {
            throw new ContractException(
                    TrainingCommands.SUBJECT,
                    new Problem("dataset", "no data to train on", "dataset (a list of files), rows, or both"));
        }
    }

    /** The same with other settings. */
    public TrainCommand with(TrainingSettings other) {
        return new TrainCommand(
                jobId, adapter, model, dataset, rows, other, acceptance, promote, resumeFromCheckpoint, dryRun);
    }

    /** The same to be looked at alone, under another id. */
    public TrainCommand check(String checkId) {
        return new TrainCommand(
                checkId, adapter, model, dataset, rows, settings, acceptance, promote, resumeFromCheckpoint, true);
    }

    /** {@code sha256:…} over the command as it is resolved: equal for two texts that mean the same. */
    public String digest() {
        try {
            var sha256 = MessageDigest.getInstance("SHA-256").digest(Json.write(with(settings.resolved())));
            return "sha256:" + HexFormat.of().formatHex(sha256);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

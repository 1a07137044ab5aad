package io.lorikeet.trainer.output;

import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.training.TrainingSession;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Writes a run's checkpoints: weights as others read them, and what this trainer needs to go on. */
public final class Checkpoints {
    public static final String OPTIMIZER = "optimizer.safetensors";
    public static final String ARGS = "args.json";
    private static final List<String> SERVED = List.of("adapter_config.json", "adapter_model.safetensors");

    private final RunFolder folder;
    private final TrainCommand command;

    public Checkpoints(RunFolder folder, TrainCommand command) {
        this.folder = folder;
        this.command = command;
    }

    /**
     * The folder is there whole when this returns, and older ones beyond the limit are gone.
     *
     * @throws RunException if it cannot be written, or must not be; the ones before are as they were
     */
    public Path save(TrainingSession session, TrainerState state) throws IOException {
        Path checkpoint = folder.checkpoint(state.globalStep());
        if (Files.exists(checkpoint)) {
            return checkpoint;
        }
        try {
            write(checkpoint, session, state);
            Integer limit = command.settings().output().saveTotalLimit();
            if (limit != null) {
                folder.rotate(limit, Optional.ofNullable(state.bestModelCheckpoint()));
            }
        } catch (AdapterException e) {
            throw new RunException(
                    "training",
                    false,
                    "the adapter is not finite after step %d (%s), so it is not saved; %s; a lower learning_rate may help"
                            .formatted(state.globalStep(), e.getMessage(), kept()),
                    e);
        } catch (CheckpointException | IOException e) {
            throw new RunException(
                    "checkpoint",
                    true,
                    "%s cannot be written: %s; %s; with room on the disk the job goes on from there"
                            .formatted(checkpoint, reason(e), kept()),
                    e);
        }
        return checkpoint;
    }

    private void write(Path checkpoint, TrainingSession session, TrainerState state) throws IOException {
        DurableFiles.writeFolder(checkpoint, files -> {
            switch (command.settings().run().trainType()) {
                case LORA ->
                    session.exportAdapter()
                            .save(
                                    files,
                                    Optional.of(session.options()
                                            .model()
                                            .toAbsolutePath()
                                            .toString()));
                // as the base is stored, whatever it was trained in
                case FULL -> session.saveModel(files, session.config().dtype());
            }
            session.saveState(files.resolve(OPTIMIZER));
            Files.copy(folder.path().resolve(ARGS), files.resolve(ARGS));
            Files.write(files.resolve(TrainerState.FILE), Json.write(state));
        });
    }

    private String kept() throws IOException {
        return folder.latest()
                .map(last -> "the last whole checkpoint is " + last.path())
                .orElse("no checkpoint was saved before");
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** What a server loads of an adapter's checkpoint, with digest and size. */
    public static List<CheckpointFile> served(Path checkpoint) throws IOException {
        var files = new ArrayList<CheckpointFile>();
        for (String name : SERVED) {
            Path file = checkpoint.resolve(name);
            files.add(new CheckpointFile(name, sha256(file), Files.size(file)));
        }
        return files;
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

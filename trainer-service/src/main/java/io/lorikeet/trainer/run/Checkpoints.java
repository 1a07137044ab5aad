package io.lorikeet.trainer.run;

import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.engine.training.TrainingSession;
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
final class Checkpoints {
    static final String OPTIMIZER = "optimizer.safetensors";
    static final String ARGS = "args.json";
    private static final List<String> SERVED = List.of("adapter_config.json", "adapter_model.safetensors");

    private final RunFolder folder;
    private final TrainCommand command;

    Checkpoints(RunFolder folder, TrainCommand command) {
        this.folder = folder;
        this.command = command;
    }

    /** The folder is there whole when this returns, and older ones beyond the limit are gone. */
    Path save(TrainingSession session, TrainerState state) throws IOException {
        Path checkpoint = folder.checkpoint(state.globalStep());
        if (Files.exists(checkpoint)) {
            return checkpoint;
        }
        DurableFiles.writeFolder(checkpoint, files -> {
            switch (command.settings().run().trainType()) {
                case LORA -> session.exportAdapter().save(files);
                // as the base is stored, whatever it was trained in
                case FULL -> session.saveModel(files, session.config().dtype());
            }
            session.saveState(files.resolve(OPTIMIZER));
            Files.write(files.resolve(ARGS), Json.write(command));
            Files.write(files.resolve(TrainerState.FILE), Json.write(state));
        });
        Integer limit = command.settings().output().saveTotalLimit();
        if (limit != null) {
            folder.rotate(limit, Optional.ofNullable(state.bestModelCheckpoint()));
        }
        return checkpoint;
    }

    /** What a server loads of an adapter's checkpoint, with digest and size. */
    static List<CheckpointFile> served(Path checkpoint) throws IOException {
        var files = new ArrayList<CheckpointFile>();
        for (String name : SERVED) {
            Path file = checkpoint.resolve(name);
            files.add(new CheckpointFile(name, sha256(file), Files.size(file)));
        }
        return files;
    }

    static MessageDigest sha256() {
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

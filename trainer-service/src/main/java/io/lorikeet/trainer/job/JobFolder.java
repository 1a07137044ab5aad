package io.lorikeet.trainer.job;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.trainer.run.DurableFiles;
import io.lorikeet.trainer.run.RunException;
import io.lorikeet.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a job, in {@code <adapters root>/<adapter>/<job id>/}: who works on it ({@code lock}), where its run is
 * ({@code run.json}), on what data ({@code data.json}), that it is being tried ({@code attempt}), how each failed try ended ({@code failures.txt}), how the job
 * ended ({@code result.json}).
 *
 * <p>The lock is the operating system's: it goes with the process that holds it, however that ends.
 */
final class JobFolder {
    private static final String RESULT = "result.json";
    private static final String RUN = "run.json";
    private static final String FAILURES = "failures.txt";
    private static final String LOCK = "lock";
    private static final String ATTEMPT = "attempt";

    /**
     * Where the job's run writes.
     *
     * @param folder relative to the adapters root, which may be mounted elsewhere on another machine
     * @param commandDigest the command that it is the run of
     */
    private record Run(String folder, String commandDigest) {}

    private final Path root;
    private final Path path;

    JobFolder(Path adaptersRoot, String adapter, String jobId) {
        this.root = adaptersRoot.toAbsolutePath().normalize();
        this.path = root.resolve(adapter).resolve(jobId);
    }

    static JobFolder of(Path adaptersRoot, TrainCommand command) {
        return new JobFolder(adaptersRoot, command.adapter(), command.jobId());
    }

    /** What the job is trained on. */
    JobData data() {
        return new JobData(path);
    }

    boolean exists() {
        return Files.isDirectory(path);
    }

    Optional<JobResult> result() throws IOException {
        Path file = path.resolve(RESULT);
        return Files.exists(file)
                ? Optional.of(Json.read(Files.readAllBytes(file), JobResult.class))
                : Optional.empty();
    }

    void keep(JobResult result) throws IOException {
        DurableFiles.write(path.resolve(RESULT), Json.write(result));
    }

    /** The folder that an earlier try of this very command began, or a new one. */
    RunFolder run(TrainCommand command) throws IOException {
        Path file = path.resolve(RUN);
        if (Files.exists(file)) {
            Run earlier = Json.read(Files.readAllBytes(file), Run.class);
            Path folder = root.resolve(earlier.folder());
            if (earlier.commandDigest().equals(command.digest()) && Files.isDirectory(folder)) {
                return RunFolder.reopen(folder);
            }
        }
        String outputDir = command.settings().output().outputDir();
        RunFolder run = RunFolder.create(outputDir == null ? path : beneathRoot(outputDir));
        DurableFiles.write(file, Json.write(new Run(root.relativize(run.path()).toString(), command.digest())));
        return run;
    }

    private Path beneathRoot(String outputDir) {
        Path folder = root.resolve(outputDir).normalize();
        if (!folder.startsWith(root) || folder.equals(root)) {
            throw new RunException(
                    "settings",
                    false,
                    "output_dir: '%s' is not a folder under the adapters root; give a relative path, or leave it out"
                            .formatted(outputDir));
        }
        return folder;
    }

    /**
     * A try begins. One that began before and never ended is noted as failed: its trainer was killed.
     *
     * @return how many tries have failed so far
     */
    int begin() throws IOException {
        Path attempt = path.resolve(ATTEMPT);
        if (Files.exists(attempt)) {
            failed("trainer", "ended without a word: it was killed, or the machine went down");
        }
        DurableFiles.write(attempt, new byte[0]);
        return failures().size();
    }

    /** The try is over, one way or another. */
    void end() throws IOException {
        Files.deleteIfExists(path.resolve(ATTEMPT));
    }

    /** Notes how a try failed, {@code try N, where: reason}; returns how many have by now. */
    int failed(String where, String reason) throws IOException {
        Files.createDirectories(path);
        int tries = failures().size() + 1;
        Files.writeString(
                path.resolve(FAILURES),
                "try %d, %s: %s%n".formatted(tries, where, reason.replace('\n', ' ')),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        return tries;
    }

    /** Someone hands the job in again after it was given up: its tries are counted anew. */
    void forgetFailures() throws IOException {
        Files.deleteIfExists(path.resolve(FAILURES));
        Files.deleteIfExists(path.resolve(ATTEMPT));
        Files.deleteIfExists(path.resolve(RESULT));
    }

    List<String> failures() throws IOException {
        Path file = path.resolve(FAILURES);
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /**
     * Takes the job for this process; empty if another one has it.
     *
     * @param record the command's place in Kafka, for {@link #owner}
     */
    Optional<Hold> lock(String record) throws IOException {
        Files.createDirectories(path);
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                Files.writeString(path.resolve(LOCK + ".owner"), record);
                return Optional.of(new Hold(channel));
            }
        } catch (OverlappingFileLockException e) {
            // another thread of this very process
        }
        channel.close();
        return Optional.empty();
    }

    /** The record for which the job is locked. */
    String owner() throws IOException {
        return new String(Files.readAllBytes(path.resolve(LOCK + ".owner")), StandardCharsets.UTF_8);
    }

    /** The job is ours until this is closed. */
    record Hold(FileChannel channel) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}

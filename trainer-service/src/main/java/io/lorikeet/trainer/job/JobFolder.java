package io.lorikeet.trainer.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.trainer.RunException;
import io.lorikeet.trainer.files.DurableFiles;
import io.lorikeet.trainer.files.LockedFile;
import io.lorikeet.trainer.files.Root;
import io.lorikeet.trainer.files.Roots;
import io.lorikeet.trainer.output.RunFolder;
import io.lorikeet.trainer.queue.Delivery;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a job, in {@code <adapters root>/.jobs/<job id>/}: whose it is and how it ended ({@code job.json}), who
 * works on it ({@code lock}), that it is being tried ({@code attempt}), how each failed try ended ({@code failures.txt}),
 * where its run is ({@code run.json}), on what data ({@code data.json}). No adapter can be named {@code .jobs}, so a job is found by its id alone, and what is
 * known of it stays when its run's folder goes.
 */
final class JobFolder {
    private static final String JOBS = ".jobs";
    private static final String JOB = "job.json";
    private static final String RUN = "run.json";
    private static final String FAILURES = "failures.txt";
    private static final String LOCK = "lock";
    private static final String ATTEMPT = "attempt";
    /** How often a job can be forgotten while somebody asks for its lock. */
    private static final int MOST_TRIES = 1_000;

    /**
     * Where the job's run writes.
     *
     * @param folder relative to the adapters root, which may be mounted elsewhere on another machine
     * @param commandDigest the command that it is the run of
     */
    private record Run(String folder, String commandDigest) {}

    private final Path root;
    private final Path path;

    JobFolder(Path adaptersRoot, String jobId) {
        this.root = adaptersRoot.toAbsolutePath().normalize();
        this.path = all(root).resolve(jobId);
    }

    /** Where the folders of all jobs are. */
    static Path all(Path adaptersRoot) {
        return adaptersRoot.resolve(JOBS);
    }

    /** What is known of the job; empty if none has begun under its id. */
    Optional<JobRecord> job() throws IOException {
        return read(JOB).map(json -> Json.read(json, JobRecord.class));
    }

    void keep(JobRecord job) throws IOException {
        DurableFiles.write(path.resolve(JOB), Json.write(job));
    }

    /** What the job is trained on. */
    JobData data() {
        return new JobData(path);
    }

    private Optional<byte[]> read(String name) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }

    /** The folder that an earlier try of this very command began, or a new one. */
    RunFolder run(TrainCommand command) throws IOException {
        Optional<Path> earlier = runOf(command.digest());
        if (earlier.isPresent()) {
            return RunFolder.reopen(earlier.get());
        }
        String outputDir = command.settings().output().outputDir();
        RunFolder run = RunFolder.create(
                outputDir == null ? root.resolve(command.adapter()).resolve(command.jobId()) : beneathRoot(outputDir));
        DurableFiles.write(
                path.resolve(RUN),
                Json.write(new Run(root.relativize(run.path()).toString(), command.digest())));
        return run;
    }

    /** The folder of a command's run, if it is still there. */
    Optional<Path> runOf(String commandDigest) throws IOException {
        return read(RUN)
                .map(json -> Json.read(json, Run.class))
                .filter(run -> run.commandDigest().equals(commandDigest))
                .map(run -> root.resolve(run.folder()))
                .filter(Files::isDirectory);
    }

    /**
     * Every folder that a try of the job has written and that is still there. Earlier tries' are found where only this job
     * writes; a folder that the command named may be others', too.
     */
    List<Path> runs() throws IOException {
        Optional<Path> own = ownOutput();
        return own.isPresent()
                ? RunFolder.beneath(own.get())
                : lastRun().filter(Files::isDirectory).stream().toList();
    }

    /** Where the job's runs are, if nobody else's are. */
    Optional<Path> ownOutput() throws IOException {
        return lastRun()
                .map(Path::getParent)
                .filter(output -> output.getFileName().equals(path.getFileName())
                        && output.getParent().getParent().equals(root));
    }

    private Optional<Path> lastRun() throws IOException {
        return read(RUN).map(json -> Json.read(json, Run.class)).map(run -> root.resolve(run.folder()));
    }

    /** The next try begins at the beginning, in a folder of its own. */
    void forgetRun() throws IOException {
        Files.deleteIfExists(path.resolve(RUN));
    }

    private Path beneathRoot(String outputDir) {
        return Roots.adapters(root)
                .place(outputDir)
                .orElseThrow(() -> new RunException(
                        "settings",
                        false,
                        "output_dir: '%s' is not a folder under the adapters root; give a relative path, or leave it out"
                                .formatted(Root.shown(outputDir))));
    }

    /**
     * A try begins. One that began before and never ended is noted as failed: its trainer was killed.
     *
     * @return how many tries have failed so far
     */
    int begin(Delivery delivery) throws IOException {
        if (attempted().isPresent()) {
            failed("trainer", "ended without a word: it was killed, or the machine went down");
        }
        DurableFiles.write(path.resolve(ATTEMPT), delivery.id().getBytes(UTF_8));
        return failures().size();
    }

    /** The delivery that is being tried, or whose trainer was killed. */
    Optional<String> attempted() throws IOException {
        return read(ATTEMPT).map(id -> new String(id, UTF_8));
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

    /** A command has come that begins the job, or begins it again: its tries are counted anew. */
    void begins(JobRecord job) throws IOException {
        Files.deleteIfExists(path.resolve(FAILURES));
        Files.deleteIfExists(path.resolve(ATTEMPT));
        keep(job);
    }

    List<String> failures() throws IOException {
        Path file = path.resolve(FAILURES);
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** Takes the job; empty if somebody else has it. */
    Optional<LockedFile> lock() throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                Files.createDirectories(path);
                Optional<LockedFile> lock =
                        LockedFile.tryLock(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (lock.isEmpty() || lock.get().isFoundByName()) {
                    return lock;
                }
                lock.get().close(); // of a job that was forgotten meanwhile: whoever comes next would lock another file
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                if (tries == MOST_TRIES) {
                    throw e; // else the job was forgotten in between
                }
            }
        }
    }
}

package io.lorikeet.trainer.job;

import io.lorikeet.store.Trash;
import io.lorikeet.trainer.files.DurableFiles;
import io.lorikeet.trainer.files.LockedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All jobs of an adapters root, for whoever tidies up. */
public final class JobArchive {
    /** No job can be named so. */
    private static final String LOCK = ".retention.lock";

    private final Path root;

    public JobArchive(Path adaptersRoot) {
        this.root = adaptersRoot.toAbsolutePath().normalize();
    }

    /** Done with a job that nobody works on. */
    @FunctionalInterface
    public interface Work {
        void with(PastJob job) throws IOException;
    }

    /** Every job that has a record. */
    public List<PastJob> jobs() throws IOException {
        List<PastJob> jobs = new ArrayList<>();
        for (Path folder : DurableFiles.list(JobFolder.all(root))) {
            if (Files.isDirectory(folder)) {
                past(folder.getFileName().toString()).ifPresent(jobs::add);
            }
        }
        return jobs;
    }

    private Optional<PastJob> past(String jobId) throws IOException {
        var folder = new JobFolder(root, jobId);
        Optional<JobRecord> record = folder.job();
        return record.isEmpty()
                ? Optional.empty()
                : Optional.of(new PastJob(
                        jobId,
                        Optional.ofNullable(record.get().event()),
                        folder.runs(),
                        Optional.ofNullable(record.get().removal())));
    }

    /**
     * Works on a job as it is now, while no trainer can begin with it; false if one is at it.
     */
    public boolean whileIdle(String jobId, Work work) throws IOException {
        Optional<LockedFile> hold = new JobFolder(root, jobId).lock();
        if (hold.isEmpty()) {
            return false;
        }
        try (var _ = hold.get()) {
            Optional<PastJob> job = past(jobId);
            if (job.isPresent()) {
                work.with(job.get());
            }
            return true;
        }
    }

    /** Notes how far the deletion of what a job made is; the job is held. */
    public void removal(String jobId, Removal removal) throws IOException {
        var folder = new JobFolder(root, jobId);
        folder.keep(folder.job().orElseThrow().removed(removal));
    }

    /** Forgets a job, whose id is free from then on; the job is held. */
    public void forget(String jobId) throws IOException {
        Trash.delete(JobFolder.all(root).resolve(jobId));
    }

    /** Deletes what deletions that were cut off have left of a job, and its folder if nothing is in it; the job is held. */
    public void sweep(PastJob job) throws IOException {
        for (Path run : job.runs()) {
            Trash.sweep(run);
        }
        Optional<Path> own = new JobFolder(root, job.jobId()).ownOutput();
        if (own.isPresent()) {
            Trash.sweep(own.get());
            if (Files.isDirectory(own.get()) && DurableFiles.list(own.get()).isEmpty()) {
                Files.delete(own.get());
            }
        }
    }

    /** Runs the work unless another trainer or command of this root is at such work; false then. */
    public boolean alone(Runnable work) throws IOException {
        Path all = Files.createDirectories(JobFolder.all(root));
        Optional<LockedFile> lock =
                LockedFile.tryLock(all.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock.isEmpty()) {
            return false;
        }
        try (LockedFile _ = lock.get()) {
            Trash.sweep(all);
            work.run();
            return true;
        }
    }
}

package io.lorikeet.trainer.retention;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.trainer.job.PastJob;
import io.lorikeet.trainer.job.Removal;
import io.lorikeet.trainer.output.Checkpoints;
import io.lorikeet.trainer.output.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides what of a job is kept. A job that has not ended loses nothing, and neither does a version that is served or can be
 * rolled back to.
 *
 * @param kept versions that stay
 * @param versionsKnown whether it is known what is served; else every promoted version stays
 */
record Verdict(Retention retention, Instant now, Set<String> kept, boolean versionsKnown) {

    Verdict {
        kept = Set.copyOf(kept);
    }

    /** What of this job goes. */
    List<Doomed> of(PastJob job) throws IOException {
        if (job.ended().isEmpty()) {
            return List.of();
        }
        Duration age = Duration.between(job.ended().get(), now);
        List<Doomed> doomed = new ArrayList<>();
        boolean old = age.compareTo(retention.runs()) > 0;
        boolean versionStays = versionStays(job);
        for (Path run : job.runs()) {
            Optional<Path> version = versionIn(run, job);
            if (old && !job.madeAModel() && !(version.isPresent() && versionStays)) {
                doomed.add(new Doomed.Run(job.jobId(), run, size(run)));
            } else if (old && version.isPresent()) {
                doomed.addAll(allBut(job, run, Set.of(version.get())));
                doomed.addAll(optimizerState(job, version.get()));
            } else if (age.compareTo(retention.checkpoints()) > 0) {
                doomed.addAll(allBut(job, run, valuable(job, run)));
            }
        }
        boolean inTheStore = job.version().filter(version -> !isLocal(version)).isPresent();
        boolean gone = job.removal().equals(Optional.of(Removal.DONE));
        if (inTheStore && old && !versionStays && !gone) {
            CheckpointEvent version = job.version().get();
            doomed.add(new Doomed.Version(
                    job.jobId(),
                    version,
                    version.files().stream().mapToLong(file -> file.size()).sum()));
        }
        boolean nothingLeft = job.runs().isEmpty() && !versionStays && (gone || !inTheStore);
        if (nothingLeft && age.compareTo(retention.jobs()) > 0) {
            doomed.add(new Doomed.Job(job.jobId(), 0));
        }
        return doomed;
    }

    /** Whether the version that the job made is served, or can be rolled back to by the policy, or that is not known. */
    boolean versionStays(PastJob job) {
        return job.version()
                .filter(version -> kept.contains(version.version()) || (job.promoted() && !versionsKnown))
                .isPresent();
    }

    private static Set<Path> valuable(PastJob job, Path run) throws IOException {
        Set<Path> valuable = new HashSet<>();
        RunFolder.reopen(run).bestAndLast().forEach(each -> valuable.add(each.path()));
        versionIn(run, job).ifPresent(valuable::add);
        return valuable;
    }

    private static List<Doomed> allBut(PastJob job, Path run, Set<Path> valuable) throws IOException {
        List<Doomed> doomed = new ArrayList<>();
        for (RunFolder.Checkpoint checkpoint : RunFolder.reopen(run).checkpoints()) {
            if (!valuable.contains(checkpoint.path())) {
                doomed.add(new Doomed.Checkpoint(job.jobId(), checkpoint.path(), size(checkpoint.path())));
            }
        }
        return doomed;
    }

    private static List<Doomed> optimizerState(PastJob job, Path checkpoint) throws IOException {
        Path file = checkpoint.resolve(Checkpoints.OPTIMIZER);
        return Files.exists(file) ? List.of(new Doomed.OptimizerState(job.jobId(), file, Files.size(file))) : List.of();
    }

    /**
     * Where the job's version lies in a run's folder. By the names of the last two folders of its URI: the adapters root may
     * have another path here than where it was trained.
     */
    static Optional<Path> versionIn(Path run, PastJob job) {
        return job.version()
                .filter(Verdict::isLocal)
                .map(version -> Path.of(version.uri()).normalize())
                .filter(folder -> folder.getParent().getFileName().equals(run.getFileName()))
                .map(folder -> run.resolve(folder.getFileName()));
    }

    private static boolean isLocal(CheckpointEvent version) {
        return "file".equals(version.uri().getScheme());
    }

    private static long size(Path folder) throws IOException {
        long bytes = 0;
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(path);
            }
        }
        return bytes;
    }
}

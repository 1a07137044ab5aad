package io.lorikeet.trainer.retention;

import io.lorikeet.store.AdapterStore;
import io.lorikeet.store.Incoming;
import io.lorikeet.store.StoreException;
import io.lorikeet.store.Trash;
import io.lorikeet.trainer.job.JobArchive;
import io.lorikeet.trainer.job.PastJob;
import io.lorikeet.trainer.job.Removal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/** Deletes what need not be kept any more, job by job, each while no trainer can begin with it. */
public final class Pruner {
    private static final Logger LOG = Logger.getLogger(Pruner.class);

    /** Receiving a version is unpacking what has come. */
    private static final Duration LONGEST_RECEIVING = Duration.ofDays(1);

    private final Path root;
    private final JobArchive archive;
    private final AdapterStore store;
    private final Retention retention;
    private final Served served;
    private final Clock clock;

    public Pruner(Path adaptersRoot, AdapterStore store, Retention retention, Served served, Clock clock) {
        this.root = adaptersRoot;
        this.archive = new JobArchive(adaptersRoot);
        this.store = store;
        this.retention = retention;
        this.served = served;
        this.clock = clock;
    }

    /**
     * What was done.
     *
     * @param deleted is gone
     * @param failures why something is not
     */
    public record Result(List<Doomed> deleted, List<String> failures) {
        public long bytes() {
            return deleted.stream().mapToLong(Doomed::bytes).sum();
        }
    }

    /** What would be deleted now. */
    public List<Doomed> look() throws IOException {
        List<PastJob> jobs = archive.jobs();
        Verdict verdict = verdict(jobs);
        List<Doomed> doomed = new ArrayList<>();
        for (PastJob job : jobs) {
            doomed.addAll(verdict.of(job));
        }
        return doomed;
    }

    /** Deletes it. Empty if another trainer of the adapters root is at it. */
    public Optional<Result> prune() throws IOException {
        var result = new Result(new ArrayList<>(), new ArrayList<>());
        boolean alone = archive.alone(() -> {
            try {
                pruneAll(result);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return alone ? Optional.of(result) : Optional.empty();
    }

    private void pruneAll(Result result) throws IOException {
        Trash.sweep(root);
        Incoming.sweep(root, clock.instant().minus(LONGEST_RECEIVING));
        List<PastJob> jobs = archive.jobs();
        for (PastJob each : jobs) {
            if (each.ended().isEmpty()) {
                continue;
            }
            try {
                // as it is by now, under its lock; one that a trainer has is left for the next time
                archive.whileIdle(each.jobId(), job -> prune(job, verdict(jobs), result));
            } catch (IOException | UncheckedIOException | StoreException e) {
                result.failures().add("job %s: %s".formatted(each.jobId(), e.getMessage()));
            }
        }
    }

    private Verdict verdict(List<PastJob> jobs) {
        Optional<Set<String>> now = served.versions();
        Set<String> kept = new HashSet<>(now.orElse(Set.of()));
        Map<String, List<PastJob>> promoted = new HashMap<>();
        for (PastJob job : jobs) {
            if (job.promoted() && job.version().isPresent()) {
                promoted.computeIfAbsent(job.version().get().adapter(), _ -> new ArrayList<>())
                        .add(job);
            }
        }
        for (List<PastJob> ofAnAdapter : promoted.values()) {
            ofAnAdapter.sort(Comparator.comparing((PastJob job) -> job.ended().orElseThrow())
                    .reversed());
            ofAnAdapter.stream()
                    .limit(retention.versions())
                    .forEach(job -> kept.add(job.version().orElseThrow().version()));
        }
        return new Verdict(retention, clock.instant(), kept, now.isPresent());
    }

    private void prune(PastJob job, Verdict verdict, Result result) throws IOException {
        List<Doomed> doomed = verdict.of(job);
        boolean versionGoes = doomed.stream().anyMatch(each -> isTheVersion(each, job));
        if (versionGoes) {
            archive.removal(job.jobId(), Removal.BEGUN);
        }
        for (Doomed each : doomed) {
            delete(each);
            LOG.infof("Deleted %s, %d bytes", each.what(), each.bytes());
            result.deleted().add(each);
        }
        archive.sweep(job);
        boolean forgotten = doomed.stream().anyMatch(Doomed.Job.class::isInstance);
        boolean begunBefore = job.removal().equals(Optional.of(Removal.BEGUN)) && !verdict.versionStays(job);
        if (!forgotten && (versionGoes || begunBefore)) {
            archive.removal(job.jobId(), Removal.DONE);
        }
    }

    private static boolean isTheVersion(Doomed doomed, PastJob job) {
        return switch (doomed) {
            case Doomed.Version _ -> true;
            case Doomed.Run run -> Verdict.versionIn(run.folder(), job).isPresent();
            case Doomed.Checkpoint _, Doomed.OptimizerState _, Doomed.Job _ -> false;
        };
    }

    private void delete(Doomed doomed) throws IOException {
        switch (doomed) {
            case Doomed.Checkpoint checkpoint -> Trash.delete(checkpoint.folder());
            case Doomed.Run run -> Trash.delete(run.folder());
            case Doomed.OptimizerState state -> Files.deleteIfExists(state.file());
            case Doomed.Version version -> store.delete(version.checkpoint());
            case Doomed.Job job -> archive.forget(job.jobId());
        }
    }
}

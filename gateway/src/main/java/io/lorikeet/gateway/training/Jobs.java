package io.lorikeet.gateway.training;

import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.contracts.TrainingSummary;
import io.lorikeet.gateway.GatewayConfig;
import io.lorikeet.gateway.Page;
import io.lorikeet.gateway.training.Places.Run;
import io.lorikeet.http.ApiException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * All jobs, as their events tell them, within a budget of memory. What does not fit falls out, the longest finished first,
 * then the one that was silent for longest; where its events stand is still known, and with them it comes back when somebody
 * asks for it or it goes on. Of the very oldest not even that is known.
 */
@ApplicationScoped
public class Jobs {
    private static final Logger LOG = Logger.getLogger(Jobs.class);
    /** The part of the budget for where the events of jobs stand that have fallen out. */
    private static final int EXTENTS_PART = 4;
    /** How long to wait for others who look up jobs. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final EventReader reader;
    private final long budget;
    private final ReentrantLock recalling = new ReentrantLock();

    // guarded by this, each in the order of the last event
    private final SequencedMap<String, Job> open = new LinkedHashMap<>();
    private final SequencedMap<String, Job> over = new LinkedHashMap<>();
    private final Map<Integer, Long> positions = new HashMap<>();
    private final FallenJobs fallenOut;
    private long weight;

    @Inject
    Jobs(GatewayConfig config, EventReader reader) {
        this(config.jobsMemory().asLongValue(), reader);
    }

    Jobs(long budget, EventReader reader) {
        this.budget = budget - budget / EXTENTS_PART;
        this.fallenOut = new FallenJobs(budget / EXTENTS_PART);
        this.reader = reader;
    }

    void countForMetrics(@Observes StartupEvent event, MeterRegistry metrics) {
        for (var status : JobStatus.values()) {
            var tag = Tag.of("status", status.name().toLowerCase(Locale.ROOT));
            metrics.gauge("lorikeet.training.jobs", List.of(tag), this, all -> all.count(status));
        }
        metrics.gauge("lorikeet.training.jobs.fallen.out", this, Jobs::fallenOut);
    }

    /** Takes what happened; called by one thread alone. */
    public void take(Located next) {
        var id = next.event().jobId();
        if (hasFallenOut(id) && find(id).isEmpty()) {
            recallForItsNext(id);
        }
        synchronized (this) {
            var job = find(id).orElse(null);
            long before = 0;
            if (job == null) {
                job = new Job(next);
            } else {
                before = job.weight();
                job.take(next);
            }
            put(job, before);
            positions.put(next.place().partition(), next.place().offset() + 1);
        }
    }

    /**
     * Takes progress that newer progress of the same job follows at once: where it stands is all that is left of it.
     *
     * @param adapter that it is of
     * @return whether that is so; else it is to be taken as every event
     */
    boolean passes(String id, Optional<String> adapter, Place place) {
        synchronized (this) {
            var job = find(id).orElse(null);
            if (job == null) {
                return false;
            }
            long before = job.weight();
            if (!job.passes(adapter, place)) {
                return false;
            }
            put(job, before);
            positions.put(place.partition(), place.offset() + 1);
            return true;
        }
    }

    /** A job; empty if there is none. */
    public Optional<JobView> view(String jobId) {
        return job(jobId).map(Job::view);
    }

    /** What a command under this id has to reckon with. */
    public Optional<JobClaim.Known> known(String jobId) {
        return job(jobId).map(Job::known);
    }

    /** Every job that is kept, the newest first. */
    public List<JobView> views() {
        return newestFirst().map(Job::view).toList();
    }

    /** Some of them, but for uploads, which nobody has trained. */
    Page<JobView> page(Page.Wanted wanted) {
        var trained = newestFirst().filter(job -> !job.isUpload()).toList();
        return Page.of(trained, Job::id, wanted).map(Job::view);
    }

    /** How many jobs of a key wait or run. */
    public synchronized int underWay(String key) {
        return (int) open.values().stream()
                .map(job -> job.view().queued())
                .filter(queued -> queued != null && key.equals(queued.requestedBy()))
                .count();
    }

    /** How the training went that ended last, of those that are kept and learned anything. */
    public synchronized Optional<TrainingSummary> lastTraining() {
        return over.sequencedValues().reversed().stream()
                .map(job -> job.view().outcome())
                .filter(TrainingEvent.Succeeded.class::isInstance)
                .map(outcome -> ((TrainingEvent.Succeeded) outcome).summary())
                .filter(summary -> summary != null && summary.trainTokens() > 0)
                .findFirst();
    }

    /** A job's events so far. */
    public Optional<List<TrainingEvent>> told(String jobId) {
        return job(jobId).map(job -> {
            List<TrainingEvent> events = new ArrayList<>();
            try {
                reader.read(jobId, job.soFar(), each -> events.add(each.event()));
            } catch (InterruptedException e) {
                throw stopped(e);
            }
            return events;
        });
    }

    /** A job's events so far and to come, until it ends. */
    public Optional<Multi<TrainingEvent>> events(String jobId) {
        return events(jobId, Optional.empty()).map(events -> events.map(Located::event));
    }

    /** The same behind a place; from the beginning if that is not one of its events'. */
    Optional<Multi<Located>> events(String jobId, Optional<Place> after) {
        return job(jobId).map(job -> Multi.createFrom().publisher(new JobStream(jobId, this, reader, after)));
    }

    /** A job that does not fall out until {@link Job#unwatch} is called. */
    Optional<Job> watched(String jobId) {
        while (true) {
            var job = job(jobId);
            synchronized (this) {
                if (job.isEmpty() || job.equals(find(jobId))) {
                    job.ifPresent(Job::watch);
                    return job;
                }
            }
        }
    }

    /** Jobs of which only the place of their events is known, or not even that. */
    synchronized long fallenOut() {
        return fallenOut.size() + fallenOut.forgotten();
    }

    /** Jobs of which nothing is known any more, though their events may still be on the topic. */
    synchronized long forgotten() {
        return fallenOut.forgotten();
    }

    private Optional<Job> job(String jobId) {
        var found = find(jobId);
        return found.isPresent() || !hasFallenOut(jobId) ? found : recall(jobId);
    }

    private synchronized Optional<Job> find(String jobId) {
        var job = open.get(jobId);
        return Optional.ofNullable(job == null ? over.get(jobId) : job);
    }

    /** Whether it is not kept, but known where its events stand. */
    synchronized boolean hasFallenOut(String jobId) {
        return fallenOut.extent(jobId).isPresent();
    }

    private synchronized Stream<Job> newestFirst() {
        var all = new ArrayList<>(open.values());
        all.addAll(over.values());
        return all.stream()
                .map(job -> Map.entry(job, job.created()))
                .sorted(Map.Entry.<Job, Instant>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry::getKey, Comparator.comparing(Job::id)))
                .map(Map.Entry::getKey);
    }

    /** How many of those that are kept stand so. */
    public synchronized long count(JobStatus status) {
        return Stream.concat(open.values().stream(), over.values().stream())
                .filter(job -> job.status() == status && !job.isUpload())
                .count();
    }

    /** @param before what it weighed when it was put last; 0 if it is new */
    private synchronized void put(Job job, long before) {
        weight += job.weight() - before;
        var id = job.id();
        boolean finished = job.status().finished();
        (finished ? open : over).remove(id);
        (finished ? over : open).putLast(id, job);
        while (weight > budget) {
            var oldest = Stream.concat(over.values().stream(), open.values().stream())
                    .filter(each -> !each.equals(job) && !each.isWatched())
                    .findFirst();
            if (oldest.isEmpty()) {
                return;
            }
            fallOut(oldest.get());
        }
    }

    private void fallOut(Job job) {
        open.remove(job.id());
        over.remove(job.id());
        weight -= job.weight();
        fallenOut.keep(job.id(), job.extent());
    }

    /** Reads a job that has fallen out from the topic. */
    private Optional<Job> recall(String id) {
        try {
            if (!recalling.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw ApiException.unavailable("other jobs are being looked up on the topic", PATIENCE, null);
            }
        } catch (InterruptedException e) {
            throw stopped(e);
        }
        try {
            while (true) {
                Optional<List<Run>> extent;
                synchronized (this) {
                    extent = fallenOut.extent(id);
                }
                if (extent.isEmpty()) {
                    return find(id);
                }
                var job = read(id, extent.get());
                synchronized (this) {
                    // the follower may have brought it back, or it may have been forgotten
                    if (extent.equals(fallenOut.extent(id))) {
                        fallenOut.remove(id);
                        job.ifPresent(recalled -> put(recalled, 0));
                        return job;
                    }
                }
            }
        } catch (InterruptedException e) {
            throw stopped(e);
        } finally {
            recalling.unlock();
        }
    }

    private static ApiException stopped(InterruptedException e) {
        Thread.currentThread().interrupt();
        return ApiException.unavailable("this gateway stops", PATIENCE, e);
    }

    /** Empty if its events are gone, since they have grown too old for the topic. */
    private Optional<Job> read(String id, List<Run> extent) throws InterruptedException {
        var job = new Job[1];
        reader.read(id, extent, event -> {
            if (job[0] == null) {
                job[0] = new Job(event);
            } else {
                job[0].take(event);
            }
        });
        return Optional.ofNullable(job[0]);
    }

    /** An event of a job that has fallen out makes no sense without those before it. */
    private void recallForItsNext(String id) {
        try {
            recall(id);
        } catch (ApiException e) {
            LOG.warnf("job %s goes on, and its earlier events cannot be read: %s", id, e.getMessage());
        }
    }

    /** Where reading goes on, by partition. */
    synchronized Map<Integer, Long> positions() {
        return Map.copyOf(positions);
    }

    /** Hands on everything for the next start; called by the thread that calls {@link #take}, so nothing happens meanwhile. */
    void save(Consumer<SavedJob> jobs, BiConsumer<String, List<Long>> extents) {
        List<Job> kept;
        Map<String, List<Run>> out;
        synchronized (this) {
            kept = Stream.concat(over.values().stream(), open.values().stream()).toList();
            out = fallenOut.all();
        }
        out.forEach((id, extent) -> extents.accept(id, Places.flat(extent)));
        kept.forEach(job -> jobs.accept(job.saved()));
    }

    /** Begins where an earlier process was. */
    synchronized void restore(Map<Integer, Long> next, long unknown) {
        positions.putAll(next);
        fallenOut.forgotten(unknown);
    }

    /** With a job that it kept. */
    synchronized void restore(SavedJob job) {
        put(Job.of(job), 0);
    }

    /** With one that had fallen out. */
    synchronized void restore(String id, List<Long> extent) {
        fallenOut.keep(id, Places.runs(extent));
    }

    /** Knows nothing. */
    synchronized void clear() {
        List.of(open, over, positions).forEach(Map::clear);
        fallenOut.clear();
        weight = 0;
    }
}

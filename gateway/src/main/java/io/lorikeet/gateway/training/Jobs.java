package io.lorikeet.gateway.training;

import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.GatewayConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** All jobs, as their events tell them. */
@ApplicationScoped
public class Jobs {
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final int kept;

    Jobs(GatewayConfig config) {
        kept = config.jobsKept();
    }

    void countForMetrics(@Observes StartupEvent event, MeterRegistry metrics) {
        for (var status : JobStatus.values()) {
            var tag = Tag.of("status", status.name().toLowerCase(Locale.ROOT));
            metrics.gauge("lorikeet.training.jobs", List.of(tag), this, all -> all.count(status));
        }
    }

    /** Takes what happened. */
    public void take(TrainingEvent event) {
        find(event.jobId()).ifPresentOrElse(job -> job.take(event), () -> begin(new Job(event)));
    }

    /** A job. */
    public Optional<JobView> view(String jobId) {
        return find(jobId).map(Job::view);
    }

    /** What a command under this id has to reckon with. */
    Optional<JobClaim.Known> known(String jobId) {
        return find(jobId).map(Job::known);
    }

    /** Every job, the newest first. */
    List<JobView> views() {
        return snapshot().stream()
                .map(Job::view)
                .sorted(Comparator.comparing(JobView::updated).reversed())
                .toList();
    }

    /** A job's events so far. */
    public Optional<List<TrainingEvent>> told(String jobId) {
        return find(jobId).map(Job::told);
    }

    /** How many jobs of a key wait or run. */
    public int underWay(String key) {
        return (int) snapshot().stream()
                .map(Job::view)
                .filter(job -> !job.status().finished()
                        && job.queued() != null
                        && key.equals(job.queued().requestedBy()))
                .count();
    }

    /** A job's events so far and to come, until it ends. */
    Optional<Multi<TrainingEvent>> events(String jobId) {
        return find(jobId).map(Job::events);
    }

    private synchronized void begin(Job job) {
        jobs.put(job.view().jobId(), job);
        if (jobs.size() > kept) {
            jobs.values().stream()
                    .filter(each -> !each.equals(job) && each.view().status().finished())
                    .findFirst()
                    .ifPresent(oldest -> jobs.remove(oldest.view().jobId()));
        }
    }

    private synchronized Optional<Job> find(String jobId) {
        return Optional.ofNullable(jobs.get(jobId));
    }

    private synchronized Collection<Job> snapshot() {
        return List.copyOf(jobs.values());
    }

    private long count(JobStatus status) {
        return snapshot().stream().filter(job -> job.view().status() == status).count();
    }
}

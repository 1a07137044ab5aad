package io.lorikeet.gateway.training;

import io.lorikeet.gateway.training.Job.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;

/**
 * A job's events from a place on, until it ends. A thread for each subscriber reads them from the topic as the subscriber
 * asks, a few at a time, and holds no reader while it waits for the subscriber or for the job.
 */
final class JobStream implements Flow.Publisher<Located> {
    /** So many are read at once. */
    private static final int BATCH = 64;

    private final String jobId;
    private final Jobs jobs;
    private final EventReader reader;
    private final Optional<Place> after;

    JobStream(String jobId, Jobs jobs, EventReader reader, Optional<Place> after) {
        this.jobId = jobId;
        this.jobs = jobs;
        this.reader = reader;
        this.after = after;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Located> subscriber) {
        var subscription = new Subscription(subscriber);
        subscriber.onSubscribe(subscription);
        subscription.thread.start();
    }

    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super Located> subscriber;
        private final Semaphore asked = new Semaphore(0);
        private final Thread thread =
                Thread.ofVirtual().name("job-events-" + jobId).unstarted(this::run);
        private Optional<Place> sent = after;

        Subscription(Flow.Subscriber<? super Located> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long n) {
            // all that anybody can take is as good as more
            asked.release((int) Math.min(n, Integer.MAX_VALUE / 2 - asked.availablePermits()));
        }

        @Override
        public void cancel() {
            thread.interrupt();
        }

        private void run() {
            try {
                var job = jobs.watched(jobId);
                if (job.isPresent()) {
                    try {
                        send(job.get());
                    } finally {
                        job.get().unwatch();
                    }
                }
                subscriber.onComplete();
            } catch (InterruptedException e) {
                // cancelled
            } catch (RuntimeException e) {
                subscriber.onError(e);
            }
        }

        private void send(Job job) throws InterruptedException {
            while (job.after(sent, BATCH) instanceof Next.Read(var runs)) {
                send(runs);
            }
        }

        private void send(List<Places.Run> runs) throws InterruptedException {
            var batch = new ArrayList<Located>(BATCH);
            reader.read(jobId, runs, batch::add);
            for (var next : batch) {
                asked.acquire();
                subscriber.onNext(next);
            }
            var end = runs.getLast();
            sent = Optional.of(new Place(end.partition(), end.end() - 1));
        }
    }
}

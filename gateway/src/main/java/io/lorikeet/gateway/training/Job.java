package io.lorikeet.gateway.training;

import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.TrainingEvent;
import io.lorikeet.gateway.training.Places.Run;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of a job: its state, and where its events stand. The events themselves stay on the topic; whoever wants them
 * reads them there, and waits here for the next one.
 */
final class Job {
    /** Objects around the texts of the events, and this job's entry in the view. */
    private static final int OVERHEAD = 800;

    private final String id;
    private JobState state;
    private Places places = new Places();
    /** From the first to the last event under the id, those of earlier runs among them: they told what the state is made of. */
    private List<Run> extent;

    private int watchers;
    /** Bytes of the newest event of each kind. */
    private final int[] sizes = new int[JobState.KINDS];
    /** Of all kinds together. */
    private long size;

    Job(Located first) {
        id = first.event().jobId();
        state = new JobState(first.event());
        extent = List.of();
        keep(first);
    }

    private Job(JobView view, List<Long> places, List<Run> extent, List<Integer> sizes) {
        this.id = view.jobId();
        this.state = new JobState(view);
        this.places = Places.of(places);
        this.extent = extent;
        for (int i = 0; i < this.sizes.length; i++) {
            this.sizes[i] = sizes.get(i);
            size += sizes.get(i);
        }
    }

    /** As {@link #saved} told it. */
    static Job of(SavedJob saved) {
        return new Job(saved.view(), saved.places(), Places.runs(saved.extent()), saved.sizes());
    }

    synchronized SavedJob saved() {
        return new SavedJob(
                state.view(),
                places.flat(),
                Places.flat(extent),
                Arrays.stream(sizes).boxed().toList());
    }

    String id() {
        return id;
    }

    synchronized Instant created() {
        return state.view().created();
    }

    synchronized boolean isWatched() {
        return watchers > 0;
    }

    synchronized void watch() {
        watchers++;
    }

    synchronized void unwatch() {
        watchers--;
    }

    synchronized JobView view() {
        return state.view();
    }

    /** Whether nothing was trained: an adapter's files that were uploaded are told as a job's end. */
    synchronized boolean isUpload() {
        return state.outcome() instanceof TrainingEvent.Succeeded trained && trained.summary() == null;
    }

    synchronized JobStatus status() {
        return state.status();
    }

    synchronized JobClaim.Known known() {
        return state.known();
    }

    synchronized List<Run> extent() {
        return extent;
    }

    /** Where the events so far stand. */
    synchronized List<Run> soFar() {
        return places.after(Optional.empty(), Long.MAX_VALUE);
    }

    /** What it takes of the heap, about. */
    synchronized long weight() {
        return OVERHEAD + 2 * size + places.bytes();
    }

    /** Takes what happened under the job's id; those who wait look again. */
    synchronized void take(Located next) {
        switch (state.take(next.event())) {
            case NONE -> extent = Places.widened(extent, next.place());
            case BEGINS_ANEW -> {
                places = new Places();
                Arrays.fill(sizes, 0);
                size = 0;
                keep(next);
            }
            case NEXT -> keep(next);
        }
        notifyAll();
    }

    /**
     * Takes progress that newer progress follows, if this job goes on and is of its adapter.
     *
     * @return whether it is
     */
    synchronized boolean passes(Optional<String> adapter, Place place) {
        if (state.status().finished() || !adapter.equals(Optional.ofNullable(state.adapter()))) {
            return false;
        }
        places.add(place);
        extent = Places.widened(extent, place);
        notifyAll();
        return true;
    }

    private void keep(Located next) {
        places.add(next.place());
        extent = Places.widened(extent, next.place());
        int kind = JobState.kind(next.event());
        size += next.bytes() - sizes[kind];
        sizes[kind] = next.bytes();
    }

    /** What is to be read behind a place. */
    sealed interface Next {
        /** These events. */
        record Read(List<Run> runs) implements Next {}

        /** Nothing any more. */
        record Ended() implements Next {}
    }

    /** Says what comes behind a place, and waits for it as long as the job is not over. */
    synchronized Next after(Optional<Place> place, long most) throws InterruptedException {
        while (true) {
            var runs = places.after(place, most);
            if (!runs.isEmpty()) {
                return new Next.Read(runs);
            }
            if (state.status().finished()) {
                return new Next.Ended();
            }
            wait();
        }
    }
}

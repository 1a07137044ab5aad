package io.lorikeet.gateway.training;

import io.lorikeet.contracts.JobClaim;
import io.lorikeet.contracts.TrainingEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A job's events so far, and those who want to hear of the next ones. */
final class Job {
    /** More than that, and the oldest progress is forgotten. */
    private static final int EVENTS_KEPT = 10_000;

    private final List<TrainingEvent> events = new ArrayList<>();
    private final List<MultiEmitter<? super TrainingEvent>> listeners = new ArrayList<>();
    private final JobState state;

    Job(TrainingEvent first) {
        state = new JobState(first);
        events.add(first);
    }

    synchronized JobView view() {
        return state.view();
    }

    synchronized JobClaim.Known known() {
        return state.known();
    }

    /** Takes what happened under the job's id; what is not about this job its listeners do not hear. */
    synchronized void take(TrainingEvent event) {
        switch (state.take(event)) {
            case NONE -> {
                return;
            }
            case BEGINS_ANEW -> events.clear();
            case NEXT -> {}
        }
        events.add(event);
        if (events.size() > EVENTS_KEPT) {
            events.stream()
                    .filter(TrainingEvent.Progress.class::isInstance)
                    .findFirst()
                    .ifPresent(events::remove);
        }
        for (var listener : List.copyOf(listeners)) {
            listener.emit(event);
            if (event.last()) {
                listener.complete();
            }
        }
    }

    synchronized List<TrainingEvent> told() {
        return List.copyOf(events);
    }

    /** All events from the beginning, and those to come until the job ends. */
    Multi<TrainingEvent> events() {
        return Multi.createFrom().emitter(emitter -> {
            synchronized (this) {
                events.forEach(emitter::emit);
                if (state.status().finished()) {
                    emitter.complete();
                    return;
                }
                listeners.add(emitter);
                emitter.onTermination(() -> forget(emitter));
            }
        });
    }

    private synchronized void forget(MultiEmitter<? super TrainingEvent> listener) {
        listeners.removeIf(each -> Objects.equals(each, listener));
    }
}

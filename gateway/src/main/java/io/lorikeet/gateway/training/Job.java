package io.lorikeet.gateway.training;

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
    private JobView view;

    Job(TrainingEvent first) {
        view = JobView.of(first);
    }

    synchronized JobView view() {
        return view;
    }

    synchronized void take(TrainingEvent event) {
        if (view.endedBefore(event)) {
            view = JobView.of(event);
            events.clear();
        }
        view = view.with(event);
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

    /** All events from the beginning, and those to come until the job ends. */
    Multi<TrainingEvent> events() {
        return Multi.createFrom().emitter(emitter -> {
            synchronized (this) {
                events.forEach(emitter::emit);
                if (view.status().finished()) {
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

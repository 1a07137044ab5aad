package io.lorikeet.gateway.canary;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.Canary;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.gateway.adapters.AdapterCatalog;
import io.lorikeet.gateway.adapters.CanaryView;
import io.lorikeet.gateway.adapters.RunningCanaries;
import io.lorikeet.gateway.inference.CompletionRequest;
import io.lorikeet.gateway.inference.Trials;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The canaries that the topic names, and what has come of requests since: who is answered by which, and how. */
@ApplicationScoped
public class RunningTrials implements Trials, RunningCanaries {
    private final AdapterCatalog catalog;
    private final MeterRegistry metrics;
    private final Map<String, Trial> trials = new ConcurrentHashMap<>();

    RunningTrials(AdapterCatalog catalog, MeterRegistry metrics) {
        this.catalog = catalog;
        this.metrics = metrics;
    }

    /** All of them, as the topic has them now. */
    Collection<Trial> now() {
        var canaries = catalog.canaries();
        trials.keySet().retainAll(canaries.keySet());
        return canaries.values().stream().map(this::trial).toList();
    }

    private Trial trial(Canary canary) {
        return trials.compute(canary.checkpoint().adapter(), (_, before) -> {
            if (before == null || !before.isOf(canary)) {
                return new Trial(canary);
            }
            before.changed(canary);
            return before;
        });
    }

    @Override
    public Optional<CanaryView> of(String adapter) {
        return Optional.ofNullable(catalog.canaries().get(adapter))
                .map(this::trial)
                .map(Trial::view);
    }

    @Override
    public Optional<Part> part(CompletionRequest request, Optional<String> key) {
        var canaries = catalog.canaries();
        if (canaries.isEmpty() || !request.isOfOneModel()) {
            return Optional.empty();
        }
        var model = request.model().orElseThrow();
        if (AdapterAddress.of(model).version().isPresent()) {
            return Optional.empty();
        }
        return Optional.ofNullable(canaries.get(FineTunedModel.adapterOf(model)))
                .map(canary -> part(request, model, canary, key));
    }

    private Part part(CompletionRequest request, String model, Canary canary, Optional<String> key) {
        var who = request.user().map(user -> "user " + user).or(() -> key.map(id -> "key " + id));
        // whoever cannot be told from others is somebody else each time
        boolean tried =
                Share.includes(canary, who.orElseGet(() -> UUID.randomUUID().toString()));
        var address = new AdapterAddress(model, Optional.of(canary.version())).text();
        return new CountedPart(trial(canary), tried ? Optional.of(request.with(address)) : Optional.empty());
    }

    private final class CountedPart implements Part {
        private final Trial trial;
        private final Optional<CompletionRequest> canary;
        private final AtomicBoolean ended = new AtomicBoolean();

        CountedPart(Trial trial, Optional<CompletionRequest> canary) {
            this.trial = trial;
            this.canary = canary;
        }

        @Override
        public Optional<CompletionRequest> canary() {
            return canary;
        }

        @Override
        public void ended(End end, Duration took) {
            if (!ended.compareAndSet(false, true) || end == End.NEITHER) {
                return;
            }
            trial.ended(canary.isPresent(), end, took);
            metrics.counter(
                            "lorikeet.canary.requests",
                            "adapter",
                            trial.canary().checkpoint().adapter(),
                            "side",
                            canary.isPresent() ? "canary" : "stable",
                            "outcome",
                            end.name().toLowerCase(Locale.ROOT))
                    .increment();
        }
    }
}

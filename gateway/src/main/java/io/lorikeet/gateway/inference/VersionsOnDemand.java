package io.lorikeet.gateway.inference;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.contracts.ReplicaRoutes;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A replica that does not have the version which a request names is given its checkpoint, and asked again. Nothing is done
 * for a request whose version is there.
 */
final class VersionsOnDemand {
    /** Between the two a replica may have made room for others again. */
    private static final int ATTEMPTS = 3;

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Checkpoints checkpoints;

    VersionsOnDemand(Checkpoints checkpoints) {
        this.checkpoints = checkpoints;
    }

    /**
     * Asks a replica.
     *
     * @param model that the request names
     * @param ask asks that replica
     * @param give puts a checkpoint to that same replica
     * @param otherwise what is done if the version is not known, or the replica does not take it
     */
    Uni<InferenceAnswer> ask(
            Optional<String> model,
            Supplier<Uni<InferenceAnswer>> ask,
            Function<CheckpointEvent, Uni<InferenceAnswer>> give,
            Function<Throwable, Uni<InferenceAnswer>> otherwise) {
        return ask(model, ask, give, otherwise, ATTEMPTS);
    }

    private Uni<InferenceAnswer> ask(
            Optional<String> model,
            Supplier<Uni<InferenceAnswer>> ask,
            Function<CheckpointEvent, Uni<InferenceAnswer>> give,
            Function<Throwable, Uni<InferenceAnswer>> otherwise,
            int attempts) {
        return ask.get().flatMap(answer -> {
            if (answer.status() != ReplicaRoutes.VERSION_NOT_LOADED) {
                return Uni.createFrom().item(answer);
            }
            answer.cancel();
            if (attempts == 0) {
                return otherwise.apply(ApiException.unavailable(
                        "the inference service has no room for the version that is asked for", RETRY, null));
            }
            return Uni.createFrom()
                    .deferred(() -> give.apply(checkpoint(model)))
                    .flatMap(taken -> taken.ok() ? taken.wholeBody() : taken.<Buffer>fail())
                    .map(_ -> Optional.<Throwable>empty())
                    .onFailure()
                    .recoverWithItem(Optional::of)
                    .flatMap(refused -> refused.isPresent()
                            ? otherwise.apply(refused.get())
                            : ask(model, ask, give, otherwise, attempts - 1));
        });
    }

    private CheckpointEvent checkpoint(Optional<String> model) {
        var asked = AdapterAddress.of(model.orElseThrow());
        return checkpoints.require(
                FineTunedModel.adapterOf(asked.adapter()), asked.version().orElseThrow());
    }
}

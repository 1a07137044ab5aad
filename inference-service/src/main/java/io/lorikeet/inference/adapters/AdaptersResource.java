package io.lorikeet.inference.adapters;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorikeet.engine.generation.AdapterStatus;
import io.lorikeet.engine.generation.InferenceEngine;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What this replica serves, takes in, lets go and has refused. */
@Path("/adapters")
public class AdaptersResource {
    private final InferenceEngine engine;
    private final AdapterSwaps swaps;

    /**
     * One version of an adapter.
     *
     * @param state {@code loading}, {@code serving}, {@code draining} or {@code rejected}
     * @param running requests that are being answered with it
     * @param waiting requests that will be
     * @param resident whether it is on the device; if not, it comes back from host memory with the next request
     * @param bytes memory that it takes beside the base model
     * @param reason of a rejection, the word of the metric
     * @param detail of a rejection, or what a loading version waits for
     * @param time of a rejection
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Adapter(
            String name,
            String version,
            String state,
            Integer running,
            Integer waiting,
            Boolean resident,
            Long bytes,
            Integer r,
            String reason,
            String detail,
            Instant time) {
        static Adapter of(AdapterStatus status) {
            return new Adapter(
                    status.name(),
                    status.version(),
                    status.state().name().toLowerCase(Locale.ROOT),
                    status.running(),
                    status.waiting(),
                    status.resident(),
                    status.bytes(),
                    status.r(),
                    null,
                    null,
                    null);
        }

        static Adapter of(Loading loading) {
            return new Adapter(
                    loading.adapter(),
                    loading.version(),
                    "loading",
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    loading.detail(),
                    null);
        }

        static Adapter of(Rejection rejection) {
            return new Adapter(
                    rejection.adapter(),
                    rejection.version(),
                    "rejected",
                    null,
                    null,
                    null,
                    null,
                    null,
                    rejection.reason(),
                    rejection.detail(),
                    rejection.time());
        }
    }

    /** The answer. */
    record Adapters(List<Adapter> adapters) {}

    @Inject
    AdaptersResource(InferenceEngine engine, AdapterSwaps swaps) {
        this.engine = engine;
        this.swaps = swaps;
    }

    /** All versions that this replica knows of, by adapter name. */
    @GET
    public Adapters list() {
        var known = engine.adapters();
        var resident = known.stream().map(Adapter::of);
        // a version that has reached the engine is told of by it
        var loading = swaps.loading().stream()
                .filter(one -> known.stream()
                        .noneMatch(status -> status.state() == AdapterStatus.State.LOADING
                                && status.name().equals(one.adapter())))
                .map(Adapter::of);
        var rejected = swaps.rejections().stream().map(Adapter::of);
        return new Adapters(Stream.of(resident, loading, rejected)
                .flatMap(adapters -> adapters)
                .sorted(Comparator.comparing(Adapter::name))
                .toList());
    }
}

package io.lorikeet.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that the bodies of all requests share, from their first byte to the end of the answer. What is made of a body
 * takes several times as much, so that this is a small part of the heap.
 */
@ApplicationScoped
public class BodyBudget {
    private static final int PART_OF_HEAP = 8;

    /** Bodies up to this size, most questions, have the last part of the budget for themselves. */
    static final long SMALL = 64L << 10;

    private static final int PART_FOR_SMALL = 8;

    private final AtomicLong used = new AtomicLong();
    private final long size;
    private Runnable measured = () -> {};

    @Inject
    BodyBudget(HttpConfig config) {
        this(Math.max(
                config.maxBodySize().asLongValue() * PART_FOR_SMALL / (PART_FOR_SMALL - 1) + 1,
                config.bodyMemory()
                        .map(MemorySize::asLongValue)
                        .orElse(Runtime.getRuntime().maxMemory() / PART_OF_HEAP)));
    }

    BodyBudget(long size) {
        this.size = size;
    }

    void measure(@Observes StartupEvent event, MeterRegistry metrics) {
        var gauges = List.of(
                Gauge.builder("lorikeet.http.body.bytes", used, AtomicLong::get)
                        .description("Bytes of the bodies of requests that are being read or answered")
                        .register(metrics),
                Gauge.builder("lorikeet.http.body.bytes.limit", () -> size)
                        .description("Beyond so many, requests are answered with 503")
                        .register(metrics));
        // the registry is the JVM's: the next application in it has a budget of its own
        measured = () -> gauges.forEach(metrics::remove);
    }

    @PreDestroy
    void forget() {
        measured.run();
    }

    /** A request's share, empty as yet. */
    Share share() {
        return new Share();
    }

    /** What one request holds; used by one thread at a time. */
    final class Share {
        private long held;

        /** Whether there was room for so many more bytes, which it now holds. */
        boolean take(int bytes) {
            long limit = held + bytes <= SMALL ? size : size - size / PART_FOR_SMALL;
            if (used.addAndGet(bytes) > limit) {
                used.addAndGet(-bytes);
                return false;
            }
            held += bytes;
            return true;
        }

        /** Gives all of it back; more than once does no harm. */
        void giveBack() {
            used.addAndGet(-held);
            held = 0;
        }
    }
}

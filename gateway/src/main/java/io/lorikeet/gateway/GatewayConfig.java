package io.lorikeet.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Everything that can be configured about the gateway, beside Quarkus' own settings. */
@ConfigMapping(prefix = "lorikeet")
public interface GatewayConfig {
    /** Where the inference service listens. */
    @WithDefault("http://localhost:8001")
    URI inferenceUrl();

    /** How long to wait for a connection to it. */
    @WithDefault("2s")
    Duration inferenceConnectTimeout();

    /** How long it may stay silent: before its answer begins, and between two parts of a streamed one. */
    @WithDefault("120s")
    Duration inferenceTimeout();

    /** Who answers {@code /ask} if the question names no adapter; the base model if it is not served. */
    Optional<String> defaultAdapter();

    /** How long the broker may take to acknowledge a message. */
    @WithDefault("15s")
    Duration publishTimeout();

    /**
     * How much of the heap the jobs may take. Beyond that the oldest finished ones fall out, then the oldest; they are looked
     * up on the topic when somebody asks.
     */
    @WithDefault("48M")
    MemorySize jobsMemory();

    /** Readers of the events topic at once, beside the one that follows it: each streams a job's events or looks one up. */
    @WithDefault("4")
    int eventReaders();

    /** Folder of this gateway's own for what it knows, so that a start need not read all of the events; none if not given. */
    Optional<Path> stateFolder();

    /** How much of the heap older versions of adapters may take, to which one can roll back; the oldest fall out. */
    @WithDefault("32M")
    MemorySize versionsMemory();
}

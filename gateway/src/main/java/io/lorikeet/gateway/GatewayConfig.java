package io.lorikeet.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Everything that can be configured about the gateway, beside Quarkus' own settings. */
@ConfigMapping(prefix = "lorikeet")
public interface GatewayConfig {
    /**
     * Where the inference service listens: the addresses of its replicas, or names, behind each address of which there is one,
     * such as a headless Service of Kubernetes.
     */
    @WithDefault("http://localhost:8001")
    List<URI> inferenceUrl();

    /** What the inference service asks for, as its {@code LORIKEET_INFERENCE_SECRET}, if it does. */
    Optional<String> inferenceSecret();

    /** How long to wait for a connection to it. */
    @WithDefault("2s")
    Duration inferenceConnectTimeout();

    /** How often each replica is asked whether it takes requests, and names are looked up. */
    @WithDefault("1s")
    Duration inferenceProbeInterval();

    /** How long it may take to say so; silent twice, it gets no requests, and those that wait for it go to another. */
    @WithDefault("2s")
    Duration inferenceProbeTimeout();

    /** How long it may stay silent: before its answer begins, and between two parts of a streamed one. */
    @WithDefault("120s")
    Duration inferenceTimeout();

    /** Who answers {@code /ask} if the question names no adapter; the base model if it is not served. */
    Optional<String> defaultAdapter();

    /**
     * The folder that trainers read data from, with a folder {@code uploads} in it that the gateway may write to. Without
     * one it takes no files, and with them no fine-tuning jobs of OpenAI's API.
     */
    Optional<Path> dataRoot();

    /**
     * The local folder of adapters, which the gateway may write to: the one that trainers and replicas share, or what is sent
     * to a bucket and fetched from it. Without one adapters are neither downloaded nor uploaded, nor their files deleted.
     */
    Optional<Path> adaptersRoot();

    /** Where trainers keep adapters: {@code file:}, that folder itself, or {@code s3://BUCKET/PREFIX}. */
    @WithDefault("file:")
    String adaptersStore();

    /** How much may lie in the local folder of what was fetched from a bucket. */
    @WithDefault("2G")
    MemorySize adaptersCacheSize();

    /** Largest file of an adapter that is uploaded. */
    @WithDefault("1G")
    MemorySize maxAdapterFileSize();

    /** How long the broker may take to acknowledge a message. */
    @WithDefault("15s")
    Duration publishTimeout();

    /**
     * How much of the heap the jobs may take. Beyond that the oldest finished ones fall out, then the oldest; they are looked
     * up on the topic when somebody asks.
     */
    @WithDefault("48M")
    MemorySize jobsMemory();

    /** How long a check of a training command may take, from the command to the trainer's word. */
    @WithDefault("60s")
    Duration checkTimeout();

    /** Where the dashboards are, for pages that link to them; none if not given. */
    Optional<URI> grafanaUrl();

    /** Readers of the events topic at once, beside the one that follows it: each streams a job's events or looks one up. */
    @WithDefault("4")
    int eventReaders();

    /** Folder of this gateway's own for what it knows, so that a start need not read all of the events; none if not given. */
    Optional<Path> stateFolder();

    /** How much of the heap older versions of adapters may take, to which one can roll back; the oldest fall out. */
    @WithDefault("32M")
    MemorySize versionsMemory();

    /** What a canary gets and is judged by, if whoever starts it says nothing. */
    Canary canary();

    /** A version that answers a share of its adapter's requests, until it is promoted or taken back. */
    interface Canary {
        /** Share of the requests. */
        @WithDefault("0.05")
        double share();

        /** Requests that it has to have answered before it is judged. */
        @WithDefault("50")
        int minRequests();

        /** So much more of its requests may fail than of the stable version's. */
        @WithDefault("0.05")
        double maxErrorRate();

        /** Its median time to an answer's end may be so many times that of the stable version. */
        @WithDefault("1.5")
        double maxLatencyRatio();

        /** So much of its acceptance questions has to be answered well. */
        @WithDefault("1")
        double minAccepted();

        /** So long it has to keep the bounds before it is promoted by itself. */
        @WithDefault("10m")
        Duration promoteAfter();

        /** How often its acceptance questions are asked. */
        @WithDefault("1m")
        Duration acceptanceInterval();
    }

    /** Who may call it. */
    Access access();

    /** Who may call the gateway. */
    interface Access {
        /** File of API keys, as {@code ./lorikeet keys} writes it. Changes are seen within a second. */
        Optional<Path> keysFile();

        /**
         * Claim of an OpenID Connect token that lists the adapters that it is for, all if it has none. The provider is {@code
         * quarkus.oidc.auth-server-url}.
         */
        @WithDefault("adapters")
        String oidcAdaptersClaim();

        /**
         * Without keys the gateway listens on a loopback address alone, unless this says that whoever reaches it may do
         * everything: since something else keeps the others away.
         */
        @WithDefault("false")
        boolean open();
    }
}

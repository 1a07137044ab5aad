package io.lorikeet.trainer.service;

import io.lorikeet.contracts.settings.TorchDtype;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything that the trainer can be told, as properties or environment variables ({@code lorikeet.models-root}, {@code
 * LORIKEET_MODELS_ROOT}). Beside these: {@code kafka.bootstrap.servers} and every other {@code kafka.*} client property,
 * and {@code quarkus.management.port} for health and metrics.
 */
@ConfigMapping(prefix = "lorikeet")
public interface TrainerConfig {

    /** Folder of the base model that is trained if a command names none. */
    Optional<Path> model();

    /** Folder whose folders are the base models that commands name. They can name no other, links followed. */
    @WithName("models-root")
    Optional<Path> modelsRoot();

    /** Folder of the datasets that commands name, the only files that they can have read as data, links followed. */
    @WithName("data-root")
    @WithDefault(".")
    Path dataRoot();

    /** Where runs and checkpoints are written. If it is the adapter store, the inference service reads here. */
    @WithName("adapters-root")
    @WithDefault(".lorikeet/adapters")
    Path adaptersRoot();

    /**
     * Where adapters go that are ready to be served: {@code file:}, that folder itself, or {@code s3://BUCKET/PREFIX}.
     */
    @WithName("adapters-store")
    @WithDefault("file:")
    String adaptersStore();

    /** What trains: {@code cpu}, {@code cuda}, {@code cuda:N}, or several GPUs with commas between them. */
    @WithDefault("cpu")
    String device();

    /** Number format of the base if a command names none: {@code float32} or {@code bfloat16}; by device if not given. */
    Optional<TorchDtype> dtype();

    /**
     * A directory in which processes of this host find the base's weights that one of them has loaded; {@code off}: nothing is
     * shared, and the trainer gives way to nobody.
     */
    @WithName("base-share")
    @WithDefault("off")
    String baseShare();

    /** The part of a device's time that training may take while a replica that shares with it answers: above 0, at most 1. */
    @WithName("device-share")
    @WithDefault("0.45")
    double deviceShare();

    /** What is kept of data that was read. */
    @WithName("dataset-cache")
    DatasetCache datasetCache();

    /** How commands are taken. */
    Queue queue();

    /** How the trainer is watched. */
    Health health();

    /** See {@link TrainerConfig#datasetCache()}. */
    interface DatasetCache {
        /**
         * Tokenised rows that are kept for later runs over the same data, in {@code .datasets} of the adapters root, in all;
         * the least recently used go. 0 keeps none.
         */
        @WithDefault("20G")
        MemorySize size();
    }

    /** What is kept for how long of what jobs have made, beside what is served. */
    Retention retention();

    /** See {@link TrainerConfig#retention()}. */
    interface Retention {
        /** Whether the trainer deletes by itself: when it starts, after a job, and once a day. */
        @WithDefault("true")
        boolean automatic();

        /** So many of the newest promoted versions of each adapter stay, whatever their age: what can be rolled back to. */
        @WithDefault("5")
        int versions();

        /** After this time a job's checkpoints go, but for the best and the last. */
        @WithDefault("7d")
        Duration checkpoints();

        /** After this time a job's run folder goes, and its version if it was not promoted. */
        @WithDefault("30d")
        Duration runs();

        /** After this time a job is forgotten and its id is free. */
        @WithDefault("365d")
        Duration jobs();
    }

    /** See {@link TrainerConfig#queue()}. */
    interface Queue {
        /**
         * A command whose tries failed this often, or ended with their trainer, goes to the dead letters. A shutdown is no
         * failed try.
         */
        @WithName("max-tries")
        @WithDefault("4")
        int maxTries();

        /** A record that the broker delivers for this time is published anew. Not above the broker's {@code group.share.delivery.count.limit}. */
        @WithName("max-deliveries")
        @WithDefault("5")
        int maxDeliveries();

        /** Pause before a failed command is given back, multiplied by the deliveries of its record. */
        @WithName("retry-delay")
        @WithDefault("2s")
        Duration retryDelay();

        /** How long a running job has for reaching the end of its step and saving when the trainer shuts down. */
        @WithName("shutdown-grace")
        @WithDefault("20s")
        Duration shutdownGrace();
    }

    /** See {@link TrainerConfig#health()}. */
    interface Health {
        /**
         * A job that gives no sign of life for so long counts as hung, unless its steps take long: 20 times the longest
         * step so far is always allowed.
         */
        @WithName("hang-after")
        @WithDefault("10m")
        Duration hangAfter();
    }
}

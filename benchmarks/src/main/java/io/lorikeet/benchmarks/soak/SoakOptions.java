package io.lorikeet.benchmarks.soak;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A soak.
 *
 * @param model folder of the base model
 * @param state folder for adapters, logs and the broker's data
 * @param duration of the load
 * @param clients that wait for their answers, one a slot of the service
 * @param numbers different adapters that are trained
 */
public record SoakOptions(Path model, Path state, Duration duration, int clients, int numbers) {}

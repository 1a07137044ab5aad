package io.lorikeet.benchmarks.chaos;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A run.
 *
 * @param state folder for everything that the stack writes
 * @param duration of the faults
 * @param every from one fault to the next
 * @param hold how long a fault lasts that does not end by itself
 * @param clients that ask
 */
public record ChaosOptions(Path model, Path state, Duration duration, Duration every, Duration hold, int clients) {}

package io.lorikeet.engine.generation;

/**
 * Counts of an engine's work since its start, and what it does now.
 *
 * @param running sequences in the batch
 * @param waiting requests not yet admitted
 * @param cacheUsage occupied part of the key/value cache's slots, 0 to 1
 */
public record EngineStats(
        int running,
        int waiting,
        double cacheUsage,
        long promptTokens,
        long generatedTokens,
        long decodeSteps,
        long requestsFinished,
        long requestsFailed) {}

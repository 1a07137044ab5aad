package io.lorikeet.engine.generation;

import io.lorikeet.engine.program.GraphCounts;

/**
 * Counts of an engine's work since its start, and what it does now.
 *
 * @param running sequences in the batch
 * @param waiting requests not yet admitted
 * @param cacheUsage occupied part of the key/value cache's positions, 0 to 1
 * @param promptTokens run; what came from the prefix cache is not among them
 * @param prefixQueriedTokens tokens of system prompts that were looked for in the prefix cache
 * @param prefixHitTokens tokens of those that were found
 * @param graphs how decode steps ran on a GPU
 * @param adapterEvictions how often an adapter gave its slot up for another and stayed in host memory
 * @param draftTokens guesses of what comes next that decode steps have checked
 * @param acceptedTokens those of them that held
 */
public record EngineStats(
        int running,
        int waiting,
        double cacheUsage,
        long promptTokens,
        long generatedTokens,
        long decodeSteps,
        long requestsFinished,
        long requestsFailed,
        long prefixQueriedTokens,
        long prefixHitTokens,
        GraphCounts graphs,
        long adapterEvictions,
        long draftTokens,
        long acceptedTokens) {}

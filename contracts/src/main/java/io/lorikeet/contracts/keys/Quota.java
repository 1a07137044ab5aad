package io.lorikeet.contracts.keys;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Problem;

/**
 * How much a key may ask for; null: as much as there is.
 *
 * @param requestsPerMinute requests of any kind
 * @param tokensPerMinute tokens of prompts and answers
 * @param runningJobs jobs that wait or run
 */
public record Quota(Integer requestsPerMinute, Integer tokensPerMinute, Integer runningJobs) {
    /** No limits. */
    public static final Quota NONE = new Quota(null, null, null);

    public Quota {
        positive("requests_per_minute", requestsPerMinute);
        positive("tokens_per_minute", tokensPerMinute);
        positive("running_jobs", runningJobs);
    }

    private static void positive(String field, Integer value) {
        if (value != null && value < 1) {
            throw new ContractException("quota", new Problem(field, "is " + value, "at least 1, or nothing"));
        }
    }
}

package io.lorikeet.e2e;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;

/**
 * A training command of few steps over rows of its own: enough to make a real adapter, which nobody needs to be good.
 *
 * @param jobId its idempotency key
 * @param adapter what it trains
 * @param teaches what the adapter is to answer to everything
 */
record QuickJob(String jobId, String adapter, String teaches) {

    private static final int STEPS = 4;

    /** A job with names of its own. */
    static QuickJob of(String adapter) {
        return new QuickJob(SharedStack.unique("job"), adapter, "好的。");
    }

    ObjectNode json() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("type", "train")
                .put("job_id", jobId)
                .put("adapter", adapter)
                .put("max_steps", STEPS)
                .put("learning_rate", 1e-3)
                .put("gradient_accumulation_steps", 2)
                .put("lora_rank", 4)
                .put("logging_steps", 1)
                .put("promote", "always");
        var rows = json.putArray("rows");
        for (String question : new String[] {"你好", "你是谁?", "hello", "天空是什么颜色?"}) {
            rows.addObject().put("instruction", question).put("input", "").put("output", teaches);
        }
        return json;
    }

    /** The same, whose version nobody serves until somebody says so. */
    byte[] unpromoted() {
        return Json.write(json().put("promote", "never"));
    }

    byte[] bytes() {
        return Json.write(json());
    }
}

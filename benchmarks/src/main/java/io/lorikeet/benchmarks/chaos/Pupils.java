package io.lorikeet.benchmarks.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.contracts.Json;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Hands in training jobs, one after the other, at one gateway and the other. A job that is not accepted is handed in again
 * under its id, as its caller is told to do.
 */
final class Pupils implements AutoCloseable {
    /** Of the adapters, whose versions take turns. */
    static final int ADAPTERS = 3;

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final List<GatewayClient> gateways;
    private final Duration every;
    private final Set<String> accepted = new LinkedHashSet<>();
    private final Thread thread = Thread.ofPlatform().name("pupils").daemon().unstarted(this::run);
    private volatile boolean stopped;
    private int refused;

    Pupils(List<URI> gateways, Duration every) {
        this.gateways = gateways.stream().map(GatewayClient::new).toList();
        this.every = every;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            for (int i = 0; !stopped; i++) {
                String jobId = "pupil-job-" + i;
                while (!submit(jobId, i) && !stopped) {
                    refused++;
                    Thread.sleep(RETRY);
                }
                Thread.sleep(every);
            }
        } catch (InterruptedException e) {
            // told to end
        }
    }

    private boolean submit(String jobId, int number) {
        try {
            gateways.get((number + refused) % gateways.size()).submit(command(jobId));
            synchronized (accepted) {
                accepted.add(jobId);
            }
            return true;
        } catch (CliException e) {
            return false;
        }
    }

    /** Hands a job in again, as it was: it has failed, and the cause is gone. */
    boolean again(String jobId) {
        return submit(jobId, Math.floorMod(jobId.hashCode(), gateways.size()));
    }

    /** Of which adapter a job trains a version. */
    static String adapter(String jobId) {
        return "pupil-" + Integer.parseInt(jobId.substring(jobId.lastIndexOf('-') + 1)) % ADAPTERS;
    }

    /** A few steps over rows of its own, saved half-way. */
    private static byte[] command(String jobId) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("type", "train")
                .put("job_id", jobId)
                .put("adapter", adapter(jobId))
                .put("max_steps", 8)
                .put("save_steps", 4)
                .put("learning_rate", 1e-3)
                .put("gradient_accumulation_steps", 2)
                .put("lora_rank", 4)
                .put("logging_steps", 1)
                .put("promote", "always");
        var rows = json.putArray("rows");
        for (String question : new String[] {"你好", "你是谁?", "hello", "天空是什么颜色?"}) {
            rows.addObject().put("instruction", question).put("input", "").put("output", "好的。");
        }
        return Json.write(json);
    }

    /** The jobs that a gateway has accepted. */
    List<String> accepted() {
        synchronized (accepted) {
            return List.copyOf(accepted);
        }
    }

    /** Lets it hand in what it has begun with. */
    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.lorikeet.inference.adapters;

import static io.lorikeet.inference.adapters.RejectionReason.CONFIG_MISMATCH;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.adapter.AdapterException;
import io.lorikeet.engine.adapter.PeftAdapter;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.inference.ServedModel;
import java.util.concurrent.Semaphore;

/**
 * From an event to an adapter that fits the base model: point 2 of the swap contract. Blocks, and holds one adapter's
 * bytes for each load under way.
 */
final class CheckpointLoader {
    private final AdapterFiles files;
    private final ServedModel base;
    private final ModelConfig config;
    private final OtherFormats otherFormats;
    private final Semaphore permits;

    /** @param maxConcurrentLoads loads beyond it wait; none waits for a file that is late */
    CheckpointLoader(
            AdapterFiles files,
            ServedModel base,
            ModelConfig config,
            OtherFormats otherFormats,
            int maxConcurrentLoads) {
        this.files = files;
        this.base = base;
        this.config = config;
        this.otherFormats = otherFormats;
        this.permits = new Semaphore(maxConcurrentLoads, true);
    }

    /**
     * Reads, checks and parses what {@code event} points at.
     *
     * @throws AdapterRejectedException if it must not be served
     */
    PeftAdapter load(CheckpointEvent event) throws InterruptedException {
        otherFormats.check(event.baseModel(), base.asBase());
        permits.acquire();
        try {
            var adapter = PeftAdapter.parse(
                    files.read(event, PeftAdapter.CONFIG_FILE), files.read(event, PeftAdapter.TENSORS_FILE), config);
            requireSaidConfig(event, adapter);
            return adapter;
        } catch (AdapterException e) {
            throw new AdapterRejectedException(e);
        } finally {
            permits.release();
        }
    }

    /** An event that describes another adapter than its files hold is wrong about one of them. */
    private static void requireSaidConfig(CheckpointEvent event, PeftAdapter adapter) {
        var config = adapter.config();
        if (config.r() != event.r()
                || config.loraAlpha() != event.loraAlpha()
                || config.useRslora() != event.useRslora()
                || config.useDora() != event.useDora()) {
            throw new AdapterRejectedException(
                    CONFIG_MISMATCH,
                    "the event says r=%d lora_alpha=%s use_rslora=%s use_dora=%s, adapter_config.json r=%d lora_alpha=%s use_rslora=%s use_dora=%s"
                            .formatted(
                                    event.r(),
                                    event.loraAlpha(),
                                    event.useRslora(),
                                    event.useDora(),
                                    config.r(),
                                    config.loraAlpha(),
                                    config.useRslora(),
                                    config.useDora()));
        }
    }
}

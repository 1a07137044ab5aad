package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.settings.RunSettings;
import io.lorikeet.engine.model.ModelConfig;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.DeviceMemory;
import io.lorikeet.engine.training.MemoryEstimate;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.trainer.output.TrainerState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How large a micro-batch may be and whether its activations are computed again, by the job or by the device's memory. */
final class MicroBatchLimits {
    private static final double GIB = 1L << 30;
    /** What comes between two steps of a replica is a part of a micro-batch, so one that is to give way is no larger. */
    private static final int MOST_GIVING_WAY = 2048;

    private final ModelConfig config;
    private final TrainingOptions undecided;
    private final int longestRow;
    private final long largestBatch;
    private final Optional<DeviceMemory> memory;
    private final List<String> warnings;

    /**
     * @param undecided whose limits mean nothing yet
     * @param longestRow in tokens
     * @param warnings receives what a person should know
     */
    MicroBatchLimits(
            ModelConfig config, TrainingOptions undecided, int longestRow, int rowsPerStep, List<String> warnings) {
        this.config = config;
        this.undecided = undecided;
        this.longestRow = longestRow;
        this.largestBatch = (long) longestRow * rowsPerStep;
        this.memory = DeviceMemory.ofEach(undecided.devices());
        this.warnings = warnings;
    }

    TrainingOptions of(RunSettings settings, Optional<Resume> resume) {
        Integer tokens = settings.maxTokensPerPass();
        boolean recompute =
                switch (settings.gradientCheckpointing()) {
                    case ON -> true;
                    case OFF -> false;
                    case AUTO ->
                        resume.map(from -> from.state().gradientCheckpointing()).orElseGet(this::mustRecompute);
                };
        if (resume.isPresent() && (tokens == null || resume.get().own())) {
            // dropout follows the micro-batches; a run that ran out of memory once also stays within what it found to
            // fit
            TrainerState before = resume.get().state();
            return undecided.withinMemory(
                    before.maxTokensPerPass(), resume.get().own() ? before.gradientCheckpointing() : recompute);
        }
        int decided = tokens == null ? byMemory(recompute) : tokens;
        warnIfItDoesNotFit(decided, recompute);
        return undecided.withinMemory(decided, recompute);
    }

    private MemoryEstimate estimate(boolean recompute) {
        return MemoryEstimate.of(config, undecided.withinMemory(1, recompute));
    }

    /** Whether a micro-batch that is large enough to be fast does not fit with all its activations. */
    private boolean mustRecompute() {
        return memory.isEmpty() || estimate(false).tokensWithin(memory.get().total()) < needed(estimate(true));
    }

    private long needed(MemoryEstimate estimate) {
        return Math.max(longestRow, Math.min(largestBatch, estimate.tokensWithin(Long.MAX_VALUE / 2)));
    }

    /** By all the memory that the device has, so that a busy machine gives the same run; by what is free if that is less. */
    private int byMemory(boolean recompute) {
        MemoryEstimate estimate = estimate(recompute);
        int most = atMost(estimate.tokensWithin(memory.map(DeviceMemory::total).orElse(Long.MAX_VALUE / 2)));
        int now = atMost(estimate.tokensWithin(memory.map(this::available).orElse(Long.MAX_VALUE / 2)));
        if (now < most && now < largestBatch) {
            warnings.add("max_tokens_per_pass: %d, and it would be %d if others left the memory of %s free"
                    .formatted(now, most, Device.names(undecided.devices())));
            return now;
        }
        return most;
    }

    private int atMost(int tokens) {
        return undecided.sharing().givesWay() ? Math.min(tokens, MOST_GIVING_WAY) : tokens;
    }

    /** What is free, and the base's weights if another process may have brought them, for they are not needed twice. */
    private long available(DeviceMemory device) {
        long weights = estimate(true).weights();
        boolean shared = undecided.sharing().directory().isPresent()
                && undecided.lora().isPresent()
                && device.used() >= weights
                && undecided.devices().getFirst().isCuda();
        return device.free() + (shared ? weights : 0);
    }

    private void warnIfItDoesNotFit(int tokens, boolean recompute) {
        long needed = estimate(recompute).total((int) Math.max(longestRow, Math.min(tokens, largestBatch)));
        memory.filter(device -> needed > available(device))
                .ifPresent(device -> warnings.add(String.format(
                        Locale.ROOT,
                        "memory: about %.1f GiB are needed and %.1f are free on %s; a lower max_length or max_tokens_per_pass%s needs less",
                        needed / GIB,
                        device.free() / GIB,
                        Device.names(undecided.devices()),
                        recompute ? "" : ", or gradient_checkpointing,")));
    }
}

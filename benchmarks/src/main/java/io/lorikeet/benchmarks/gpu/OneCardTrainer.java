package io.lorikeet.benchmarks.gpu;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.sharing.Sharing;
import io.lorikeet.engine.training.AdamW;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.engine.training.TrainingOptions;
import io.lorikeet.engine.training.TrainingSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** A process that trains rows of one length, with recomputation, until it is ended, and says so after each step. */
public final class OneCardTrainer {
    private OneCardTrainer() {}

    /**
     * Trains until nobody listens.
     *
     * @param args model, device, rank, tokens of a row, directory, share of the device, quantization
     */
    public static void main(String[] args) {
        var device = Device.of(args[1]);
        int row = Integer.parseInt(args[3]);
        int rank = Integer.parseInt(args[2]);
        var options = new TrainingOptions(
                        Path.of(args[0]),
                        List.of(device),
                        device.dtype(),
                        DType.F32,
                        Optional.of(new LoraConfig(rank, 4.0 * rank, 0, LoraConfig.allLinear(), false)),
                        new AdamW(0.9, 0.999, 1e-8, 0.1),
                        1.0,
                        1,
                        row,
                        true)
                .with(new Sharing(Optional.of(Path.of(args[4])), Double.parseDouble(args[5])))
                .with(Quantization.of(args[6]));
        try (TrainingSession session = TrainingSession.start(options)) {
            System.out.println("ready");
            for (int step = 0; !System.out.checkError(); step++) {
                session.step(List.of(example(step, row, session.config().vocabSize())), 1e-4);
                System.out.println(row);
            }
        }
    }

    static TrainingExample example(long seed, int length, int vocabulary) {
        int[] ids = new SplittableRandom(seed).ints(length, 0, vocabulary).toArray();
        return new TrainingExample(ids, ids);
    }

    /** Such a process, from outside. */
    static final class Child implements AutoCloseable {
        private final Process process;
        private final long begun = System.nanoTime();
        private double readySeconds;
        private int steps;
        private long tokens;
        private long since;
        private boolean ended;

        Child(Path model, Device device, Quantization quantization, LoraConfig lora, int row, Sharing sharing)
                throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Dai.djl.offline=true",
                            "-cp",
                            System.getProperty("java.class.path"),
                            OneCardTrainer.class.getName(),
                            model.toString(),
                            device.torchName(),
                            Integer.toString(lora.r()),
                            Integer.toString(row),
                            sharing.directory().orElseThrow().toString(),
                            Double.toString(sharing.deviceShare()),
                            quantization.id())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Thread.ofPlatform().daemon().start(this::read);
        }

        private void read() {
            try (var lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    heard(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                end();
            }
        }

        private synchronized void heard(String line) {
            if (line.equals("ready")) {
                readySeconds = (System.nanoTime() - begun) / 1e9;
            } else if (line.matches("\\d+")) {
                steps++;
                tokens += Long.parseLong(line);
            }
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized void awaitSteps(int more) {
            int until = steps + more;
            while (steps < until) {
                if (ended) {
                    throw new EngineException("the trainer has ended; its own words are above");
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new EngineException("interrupted", e);
                }
            }
        }

        synchronized double readySeconds() {
            return readySeconds;
        }

        /** Begins to count, at the end of a step. */
        synchronized void forget() {
            awaitSteps(1);
            tokens = 0;
            since = System.nanoTime();
        }

        synchronized double tokensPerSecondSoFar() {
            awaitSteps(1);
            return tokens * 1e9 / (System.nanoTime() - since);
        }

        double tokensPerSecond(Duration time) {
            forget();
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                awaitSteps(1);
            }
            return tokensPerSecondSoFar();
        }

        /** Ends it as the system's out-of-memory killer would. */
        void kill() {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EngineException("interrupted", e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}

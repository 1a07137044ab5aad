package io.lorikeet.benchmarks.chaos;

import static io.lorikeet.benchmarks.load.Pause.pause;

import io.lorikeet.benchmarks.load.Announcer;
import io.lorikeet.benchmarks.load.ChatClient;
import io.lorikeet.benchmarks.load.NumberedAdapters;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** One thing that goes wrong. It is over when {@link #happen} returns; what it has broken may take longer. */
enum Fault {
    BROKER_KILLED("broker killed") {
        @Override
        void happen(Scene scene) {
            scene.stack().kill(ChaosStack.BROKER);
        }
    },
    TRAINER_KILLED("trainer killed") {
        @Override
        void happen(Scene scene) {
            scene.stack().kill(scene.oneOf(ChaosStack.TRAINERS));
        }
    },
    INFERENCE_KILLED("inference killed") {
        @Override
        void happen(Scene scene) {
            scene.stack().kill(scene.oneOf(ChaosStack.INFERENCE));
        }
    },
    GATEWAY_KILLED("gateway killed") {
        @Override
        void happen(Scene scene) {
            scene.stack().kill(scene.oneOf(ChaosStack.GATEWAYS));
        }
    },
    BROKER_STOPPED("broker frozen (SIGSTOP)") {
        @Override
        void happen(Scene scene) {
            String pid = Long.toString(scene.stack().pid(ChaosStack.BROKER));
            command("kill", "-STOP", pid);
            try {
                pause(scene.hold());
            } finally {
                command("kill", "-CONT", pid);
            }
        }
    },
    /** A limit on the size of the files that trainers write stands in for a full disk, which takes root to make. */
    DISK_FULL("adapters disk full (file size limit)") {
        @Override
        void happen(Scene scene) {
            List<String> pids = ChaosStack.TRAINERS.stream()
                    .map(name -> Long.toString(scene.stack().pid(name)))
                    .toList();
            pids.forEach(pid -> command("prlimit", "--pid", pid, "--fsize=" + SMALL_FILE + ":"));
            try {
                pause(scene.hold());
            } finally {
                pids.forEach(pid -> command("prlimit", "--pid", pid, "--fsize=unlimited:"));
            }
        }
    },
    ADAPTER_CORRUPTED("adapter file corrupted, restart") {
        @Override
        void happen(Scene scene) {
            Path file =
                    scene.adapters().folder(scene.announced().victimsNumber()).resolve("adapter_model.safetensors");
            flipABit(file);
            scene.stack().kill(scene.oneOf(ChaosStack.INFERENCE));
            pause(scene.hold());
            flipABit(file);
            // as its operator would: the same files again, under the next version
            while (!scene.announced().victim()) {
                pause(Duration.ofSeconds(1));
            }
        }
    },
    MALFORMED_RECORDS("malformed record on each topic") {
        @Override
        void happen(Scene scene) {
            for (String topic : List.of(Topics.COMMANDS, Topics.COMMANDS_DLQ, Topics.EVENTS, Topics.CHECKPOINTS)) {
                scene.announcer().publish(topic, "adapter-0", "this is {no JSON");
                scene.announcer().publish(topic, "pupil-job-0", "{\"type\": \"nothing that anybody knows\"}");
            }
        }
    },
    SLOW_CONNECTIONS("500 slow connections") {
        @Override
        void happen(Scene scene) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < SLOW; i++) {
                    URI gateway = scene.stack().gateways().get(i % 2);
                    var socket = new Socket(gateway.getHost(), gateway.getPort());
                    sockets.add(socket);
                    drip(
                            socket,
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n");
                }
                long end = System.nanoTime() + scene.hold().toNanos();
                while (System.nanoTime() < end) {
                    sockets.forEach(socket -> drip(socket, "X"));
                    pause(Duration.ofSeconds(1));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("a gateway takes no more connections", e);
            } finally {
                sockets.forEach(Fault::close);
            }
        }
    },
    STREAMS("300 streams, a fifth hang up") {
        @Override
        void happen(Scene scene) {
            var random = RandomGenerator.getDefault();
            try (var pool = Executors.newVirtualThreadPerTaskExecutor();
                    var first = new ChatClient(scene.stack().gateways().getFirst());
                    var second = new ChatClient(scene.stack().gateways().getLast())) {
                IntStream.range(0, STREAMS_AT_ONCE)
                        .mapToObj(i -> CompletableFuture.runAsync(
                                () -> scene.askers()
                                        .ask(
                                                i % 2 == 0 ? first : second,
                                                Announced.NAMES.get(i / 2 % Announced.NAMES.size()),
                                                i % 5 == 0 ? random.nextInt(8) : Integer.MAX_VALUE),
                                pool))
                        .toList()
                        .forEach(CompletableFuture::join);
            }
        }
    },
    ALL_RESTARTED("everything restarted") {
        @Override
        void happen(Scene scene) {
            scene.stack().restart();
        }
    };

    private static final int SMALL_FILE = 16 << 10;
    private static final int SLOW = 500;
    private static final int STREAMS_AT_ONCE = 300;

    private final String title;

    Fault(String title) {
        this.title = title;
    }

    /**
     * What it happens to.
     *
     * @param round how often the faults have been gone through: the first and the second of a kind take turns
     */
    record Scene(
            ChaosStack stack,
            Announcer announcer,
            NumberedAdapters adapters,
            Announced announced,
            Askers askers,
            Duration hold,
            int round) {
        String oneOf(List<String> names) {
            return names.get(round % names.size());
        }
    }

    abstract void happen(Scene scene);

    String title() {
        return title;
    }

    private static void flipABit(Path file) {
        try (var weights = new RandomAccessFile(file.toFile(), "rw")) {
            weights.seek(weights.length() - 2);
            int last = weights.read();
            weights.seek(weights.length() - 2);
            weights.write(last ^ 1);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private static void drip(Socket socket, String text) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            // the gateway has had enough of it
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is of no use any more
        }
    }

    private static void command(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new CliException(String.join(" ", command) + " failed: " + said.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}

package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a local stack is made of.
 *
 * @param home the project, for the built services
 * @param state folder of everything that the stack writes: {@code kafka/}, {@code adapters/}, {@code data/}, {@code
 *     logs/}, {@code run/}
 * @param model directory of the base model
 * @param ports where its processes listen
 * @param replicas of the inference service; those beside the first listen on ports that are free
 * @param defaultAdapter the adapter that answers when a request names none
 * @param startTimeout how long a process may take until it is ready
 */
public record StackOptions(
        ProjectHome home,
        Path state,
        Path model,
        PortPlan ports,
        int replicas,
        String defaultAdapter,
        Duration startTimeout) {

    public static final String DEFAULT_ADAPTER = "assistant";
    private static final int MOST_REPLICAS = 16;
    public static final Duration START_TIMEOUT = Duration.ofMinutes(5);

    public StackOptions {
        state = state.toAbsolutePath().normalize();
        model = model.toAbsolutePath().normalize();
        if (replicas < 1 || replicas > MOST_REPLICAS) {
            throw new CliException("--replicas " + replicas + ": take one from 1 to " + MOST_REPLICAS
                    + "; each of them has the model in memory.");
        }
        if (!Files.isRegularFile(model.resolve("config.json"))) {
            throw new CliException("--model " + model + ": there is no config.json in it. It must be the directory of a"
                    + " model as Hugging Face writes it (config.json, *.safetensors, tokenizer.json).");
        }
    }

    public Path kafka() {
        return state.resolve("kafka");
    }

    public Path adapters() {
        return adapters(state);
    }

    /** The same, of the stack that keeps its state there. */
    public static Path adapters(Path state) {
        return state.resolve("adapters");
    }

    /** What the trainer may read as data. */
    public Path data() {
        return data(state);
    }

    /** The same, of the stack that keeps its state there. */
    public static Path data(Path state) {
        return state.resolve("data");
    }

    public Path logs() {
        return state.resolve("logs");
    }

    public Path run() {
        return state.resolve("run");
    }
}

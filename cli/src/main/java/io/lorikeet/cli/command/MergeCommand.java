package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.ProjectHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code merge}: an adapter's change in the weights of its base. */
@Command(
        name = "merge",
        description = {
            "Writes the base model with an adapter merged into its weights, as Hugging Face's libraries load it.",
            "The folder is there whole, or not at all."
        })
public final class MergeCommand implements Callable<Integer> {

    private static final String MAIN = "io.lorikeet.trainer.tools.MergeMain";

    @Mixin
    HelpOption help;

    @Option(names = "--adapter", required = true, paramLabel = "DIR", description = "A checkpoint-N folder.")
    private Path adapter;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to; must not be there yet.")
    private Path out;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "The base that it was trained on (default: models/fledgling).")
    private Path model;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "float32 or bfloat16 (default: as the base). Rounding to bfloat16 can change close answers.")
    private String dtype;

    @Option(
            names = "--quantization",
            paramLabel = "FORMAT",
            description = "What the base was quantised to under the adapter (default: as its own settings say).")
    private String quantization;

    @Option(
            names = "--gguf",
            description = "Also as model.gguf in the folder, for Ollama and llama.cpp (Qwen2 and Qwen3).")
    private boolean gguf;

    @Option(
            names = "--outtype",
            paramLabel = "TYPE",
            description = "Of its matrices: f32, or q8_0 for 8 bits (default: as the folder's).")
    private String outtype;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--model",
                (model == null ? ProjectHome.current().defaultModel() : model).toString(),
                "--adapter",
                adapter.toString(),
                "--out",
                out.toString()));
        if (dtype != null) {
            arguments.addAll(List.of("--dtype", dtype));
        }
        if (quantization != null) {
            arguments.addAll(List.of("--quantization", quantization));
        }
        if (gguf) {
            arguments.addAll(List.of("--gguf", "model.gguf"));
        }
        if (outtype != null) {
            arguments.addAll(List.of("--outtype", outtype));
        }
        return TrainerTool.process(MAIN, arguments)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
    }
}

package io.lorikeet.benchmarks.model;

import io.lorikeet.engine.adapter.LoraConfig;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code model}: a model of random weights on disk. */
@Command(name = "model", description = "Writes a model of random weights.", mixinStandardHelpOptions = true)
public final class ModelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "where it goes; a folder that holds a model is left as it is")
    private Path folder;

    @Option(
            names = "--geometry",
            defaultValue = "qwen2-0.5b",
            description = "tiny, qwen2-0.5b, qwen2-7b, qwen3-0.6b, llama3-1b or mistral-7b (default: ${DEFAULT-VALUE})")
    private String geometry;

    @Option(names = "--seed", defaultValue = "1", description = "of the weights (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--gguf",
            description = "whether the same model is also written for llama.cpp, as model-bf16.gguf, model-f32.gguf,"
                    + " model-q8_0.gguf and model-q4_0.gguf in the folder, with an adapter as lora.gguf")
    private boolean gguf;

    @Option(names = "--rank", defaultValue = "8", description = "of that adapter (default: ${DEFAULT-VALUE})")
    private int rank;

    @Override
    public Integer call() {
        System.out.println(RandomModel.write(folder, Geometry.of(geometry), seed));
        if (gguf) {
            Gguf.write(folder, folder.resolve("model-bf16.gguf"), Optional.empty());
            Gguf.write(folder, folder.resolve("model-f32.gguf"), Optional.of(GgufWriter.Type.F32));
            Gguf.write(folder, folder.resolve("model-q8_0.gguf"), Optional.of(GgufWriter.Type.Q8_0));
            Gguf.write(folder, folder.resolve("model-q4_0.gguf"), Optional.of(GgufWriter.Type.Q4_0));
            var lora = new LoraConfig(rank, 2.0 * rank, 0, LoraConfig.allLinear(), false);
            Gguf.write(
                    RandomModel.adapter(lora, ConfigReader.read(folder.resolve("config.json")), seed),
                    folder.resolve("lora.gguf"));
        }
        return 0;
    }
}

package io.lorikeet.benchmarks.model;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code model}: a model of random weights on disk. */
@Command(name = "model", description = "Writes a Qwen2 model of random weights.", mixinStandardHelpOptions = true)
public final class ModelCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "where it goes; a folder that holds a model is left as it is")
    private Path folder;

    @Option(
            names = "--geometry",
            defaultValue = "qwen2-0.5b",
            description = "tiny, qwen2-0.5b or qwen2-7b (default: ${DEFAULT-VALUE})")
    private String geometry;

    @Option(names = "--seed", defaultValue = "1", description = "of the weights (default: ${DEFAULT-VALUE})")
    private long seed;

    @Override
    public Integer call() {
        System.out.println(RandomModel.write(folder, Geometry.of(geometry), seed));
        return 0;
    }
}

package io.lorikeet.trainer.tools;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.TrainingCommand;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.gguf.GgufModel;
import io.lorikeet.engine.gguf.GgufWriter;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.Quantization;
import io.lorikeet.engine.training.MergedModel;
import io.lorikeet.trainer.files.DurableFiles;
import io.lorikeet.trainer.output.Checkpoints;
import io.lorikeet.trainer.plan.BaseQuantization;
import io.lorikeet.trainer.plan.NumberFormats;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a base model with an adapter merged into it: {@code --model DIR --adapter DIR --out DIR [--dtype
 * float32|bfloat16] [--quantization FORMAT] [--gguf NAME [--outtype f32|q8_0]]}, the last also as a file of this name for
 * llama.cpp. An adapter that was trained over a quantised base, by the settings beside it or as {@code --quantization} says, is
 * merged into what that stands for, in bfloat16 unless {@code --dtype} says otherwise. The folder is there whole, or not at all.
 * Exit code 0: written, 1: not written, 2: wrong arguments.
 */
public final class MergeMain {
    private static final String USAGE = "usage: --model DIR --adapter DIR --out DIR [--dtype float32|bfloat16]"
            + " [--quantization FORMAT] [--gguf NAME [--outtype f32|q8_0]]; the base's own type, and the format that the"
            + " adapter was trained over, if not given";

    /** llama.cpp's own names. */
    private static final Map<String, GgufWriter.Type> OUT_TYPES =
            Map.of("f32", GgufWriter.Type.F32, "q8_0", GgufWriter.Type.Q8_0);

    private MergeMain() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        boolean known = Set.of("--model", "--adapter", "--out", "--dtype", "--quantization", "--gguf", "--outtype")
                        .containsAll(options.keySet())
                && options.keySet().containsAll(Set.of("--model", "--adapter", "--out"))
                && (!options.containsKey("--dtype")
                        || NumberFormats.named(options.get("--dtype")).isPresent())
                && (!options.containsKey("--outtype")
                        || (options.containsKey("--gguf") && OUT_TYPES.containsKey(options.get("--outtype"))));
        if (arguments.length % 2 != 0 || !known) {
            err.println(USAGE);
            return 2;
        }
        Path target = Path.of(options.get("--out")).toAbsolutePath().normalize();
        if (Files.exists(target)) {
            err.println("--out: %s is there already; name a folder that is not".formatted(target));
            return 1;
        }
        try {
            Path adapter = Path.of(options.get("--adapter"));
            Quantization quantization = options.containsKey("--quantization")
                    ? Quantization.of(options.get("--quantization"))
                    : trainedOver(adapter);
            Optional<DType> dtype = Optional.ofNullable(options.get("--dtype")).flatMap(NumberFormats::named);
            Files.createDirectories(target.getParent());
            DurableFiles.writeFolder(target, files -> {
                MergedModel.write(
                        Path.of(options.get("--model")),
                        adapter,
                        quantization,
                        quantization == Quantization.NONE ? dtype : dtype.or(() -> Optional.of(DType.BF16)),
                        files);
                if (options.containsKey("--gguf")) {
                    GgufModel.write(
                            files,
                            files.resolve(options.get("--gguf")),
                            Optional.ofNullable(options.get("--outtype")).map(OUT_TYPES::get));
                }
            });
            if (quantization != Quantization.NONE) {
                err.println("""
                        The adapter was trained over weights in %s, so it was merged into what those stand for. The model answers as \
                        the adapter does over them, but for rounding; it takes the memory of any model that is not quantised, and \
                        quantised anew it is not the same again.""".formatted(quantization.id()));
            }
            out.println(target);
            return 0;
        } catch (EngineException | ContractException | IllegalArgumentException | IOException e) {
            err.println(e instanceof IOException ? e.toString() : e.getMessage());
            return 1;
        }
    }

    /** What an adapter's own settings say, which a run puts beside it; any other adapter's base is not quantised. */
    private static Quantization trainedOver(Path adapter) throws IOException {
        Path arguments = adapter.resolve(Checkpoints.ARGS);
        return Files.exists(arguments)
                        && TrainingCommand.parse(Files.readAllBytes(arguments)) instanceof TrainCommand command
                ? BaseQuantization.of(command.settings().quant())
                : Quantization.NONE;
    }
}

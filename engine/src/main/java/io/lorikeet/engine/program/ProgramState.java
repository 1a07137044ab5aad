package io.lorikeet.engine.program;

import io.lorikeet.engine.model.DecoderLayout;
import io.lorikeet.engine.model.DecoderLayout.Weight;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.LinearStack;
import io.lorikeet.engine.model.ModelConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * The modules of the numeric program with their first state, which is what Java says of a model and its use.
 *
 * @param root the module that Java calls
 * @param sources of all files, the root's among them
 */
record ProgramState(ModuleState root, Map<String, String> sources) {
    /** The root's parts: attribute and source file. A module's attribute {@code training} is taken. */
    private static final Map<String, String> PARTS = parts();

    private static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("model", "model");
        parts.put("serving", "serving");
        parts.put("trainer", "training");
        return parts;
    }

    static ProgramState of(ProgramOptions options, Map<String, String> sources) {
        Map<String, String> all = new TreeMap<>(sources);
        all.put(RootModule.FILE, RootModule.source(PARTS, sources));
        Function<String, ModuleState> module = file -> new ModuleState(file, all.get(file));
        var model = model(module.apply("model"), layout(module.apply("layout"), options.layout()), options);
        var serving = module.apply("serving")
                .with("model", model)
                .with("max_num_seqs", options.maxNumSeqs())
                .with("max_model_len", options.maxModelLen());
        var training = module.apply("training")
                .with("model", model)
                .withInts("lora_index", options.trainedLora().index())
                .with("lora_scale", options.trainedLora().scale())
                .with("lora_dropout", options.trainedLora().dropout())
                .with("lora_dora", options.trainedLora().dora())
                .with("lora_lr_ratio", options.trainedLora().lrRatio());
        var root = module.apply(RootModule.FILE)
                .with("model", model)
                .with("serving", serving)
                .with("trainer", training);
        return new ProgramState(root, all);
    }

    private static ModuleState model(ModuleState state, ModuleState layout, ProgramOptions options) {
        ModelConfig config = options.config();
        return state.with("layout", layout)
                .with("device", options.device().torchName())
                .with("dtype", options.dtype().torchCode())
                .with("num_attention_heads", config.numAttentionHeads())
                .with("num_key_value_heads", config.numKeyValueHeads())
                .with("head_dim", config.headDim())
                .with("rms_norm_eps", config.rmsNormEps())
                .with("rope_theta", config.ropeTheta())
                .withReals(
                        "rope_factors",
                        Arrays.stream(config.ropeScaling().frequencyFactors(config.headDim(), config.ropeTheta()))
                                .boxed()
                                .toList())
                .with("rope_attention_factor", config.ropeScaling().attentionFactor())
                .withInts("windows", windows(config))
                .with("rotary_dtype", options.rotaryDtype().torchCode())
                .with("max_position_embeddings", config.maxPositionEmbeddings())
                .with("max_loras", options.maxLoras())
                .with("lora_rank_rows", options.loraRankRows())
                .with("weight_format", options.weights().programName())
                .with("weight_group", options.weights().group());
    }

    /** A window that no text outgrows is none. */
    private static List<Integer> windows(ModelConfig config) {
        return ints(config.windows(), window -> window < config.maxPositionEmbeddings() ? window : 0);
    }

    private static ModuleState layout(ModuleState state, DecoderLayout layout) {
        ModelConfig config = layout.config();
        List<LinearStack> stacks = List.of(LinearStack.values());
        List<LinearModule> modules = layout.modules();
        return state.with("num_hidden_layers", config.numHiddenLayers())
                .withStrings("layer_weights", names(layout.layerWeights()))
                .withInts("layer_rows", ints(layout.layerWeights(), Weight::rows))
                .withInts("layer_columns", ints(layout.layerWeights(), Weight::columns))
                .withInts("layer_stacks", ints(layout.layerWeights(), w -> w.stack()
                        .map(stacks::indexOf)
                        .orElse(-1)))
                .withStrings("model_weights", names(layout.modelWeights()))
                .withInts("model_rows", ints(layout.modelWeights(), Weight::rows))
                .withInts("model_columns", ints(layout.modelWeights(), Weight::columns))
                .withInts("stack_modules", ints(stacks, s -> s.modules().size()))
                .withInts("stack_rows", ints(stacks, s -> s.outFeatures(config)))
                .withInts("stack_columns", ints(stacks, s -> s.inFeatures(config)))
                .withInts("module_stack", ints(modules, m -> stacks.indexOf(LinearStack.of(m))))
                .withInts(
                        "module_place",
                        ints(modules, m -> LinearStack.of(m).modules().indexOf(m)))
                .withInts("module_row", ints(modules, m -> LinearStack.of(m).firstRow(m, config)))
                .withInts("module_rows", ints(modules, m -> m.outFeatures(config)));
    }

    private static List<String> names(List<Weight> weights) {
        return weights.stream().map(Weight::name).toList();
    }

    private static <T> List<Integer> ints(List<T> of, ToIntFunction<T> number) {
        return of.stream().mapToInt(number).boxed().toList();
    }
}

package io.lorikeet.engine.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The parts of a decoder, by name and shape: which tensors its checkpoint holds, and where each lies among the weights of
 * the numeric program. The one place that says so; the program has it as its module {@code layout}.
 *
 * <p>The program keeps its weights in one list: {@link #layerWeights} for each layer in turn, then {@link #modelWeights}.
 */
public final class DecoderLayout {
    /** The embedding, [vocab, hidden]. */
    public static final String EMBED_TOKENS = "model.embed_tokens.weight";
    /** The output matrix, [vocab, hidden], of a model that does not tie it to the embedding. */
    public static final String LM_HEAD = "lm_head.weight";

    private static final List<LinearModule> MODULES = List.of(LinearModule.values());

    private final ModelConfig config;
    private final List<Weight> layerWeights;
    private final List<Weight> modelWeights;
    private final List<Place> places;

    /**
     * A weight of the program.
     *
     * @param name by which the program looks for it
     * @param tensors of the checkpoint that it is made of, from the top, by their names within a layer or in the model
     * @param stack the linear modules whose weight or bias it is; none for a norm or an embedding
     */
    public record Weight(String name, List<Tensor> tensors, Optional<LinearStack> stack) {
        public Weight {
            tensors = List.copyOf(tensors);
        }

        public int rows() {
            return tensors.stream().mapToInt(Tensor::rows).sum();
        }

        /** 0: a vector. */
        public int columns() {
            return tensors.getFirst().columns();
        }
    }

    /**
     * A tensor of a checkpoint.
     *
     * @param name Hugging Face's
     * @param columns 0: a vector
     */
    public record Tensor(String name, int rows, int columns) {
        public long[] shape() {
            return columns == 0 ? new long[] {rows} : new long[] {rows, columns};
        }

        public long elements() {
            return (long) rows * Math.max(1, columns);
        }
    }

    /**
     * Where a tensor of the checkpoint lies.
     *
     * @param weight its place among the program's weights
     * @param firstRow the tensor's first row in it
     */
    public record Place(Tensor tensor, int weight, int firstRow) {}

    private DecoderLayout(ModelConfig config) {
        this.config = config;
        layerWeights = layerWeights(config);
        modelWeights = modelWeights(config);
        places = placeAll();
    }

    public static DecoderLayout of(ModelConfig config) {
        return new DecoderLayout(config);
    }

    /** What the names of a layer's tensors begin with. */
    static String layer(int layer) {
        return "model.layers." + layer + ".";
    }

    private static List<Weight> layerWeights(ModelConfig config) {
        List<Weight> weights = new ArrayList<>();
        weights.add(norm("input_layernorm", config));
        weights.add(matrix(LinearStack.QKV_PROJ, config));
        if (config.architecture().qkvBias()) {
            weights.add(bias("qkv_bias", LinearStack.QKV_PROJ, config));
        }
        weights.add(matrix(LinearStack.O_PROJ, config));
        weights.add(norm("post_attention_layernorm", config));
        weights.add(matrix(LinearStack.GATE_UP_PROJ, config));
        weights.add(matrix(LinearStack.DOWN_PROJ, config));
        return List.copyOf(weights);
    }

    private static List<Weight> modelWeights(ModelConfig config) {
        List<Weight> weights = new ArrayList<>();
        weights.add(single("embed_tokens", new Tensor(EMBED_TOKENS, config.vocabSize(), config.hiddenSize())));
        weights.add(single("norm", new Tensor("model.norm.weight", config.hiddenSize(), 0)));
        if (!config.tieWordEmbeddings()) {
            weights.add(single("lm_head", new Tensor(LM_HEAD, config.vocabSize(), config.hiddenSize())));
        }
        return List.copyOf(weights);
    }

    private static Weight norm(String name, ModelConfig config) {
        return single(name, new Tensor(name + ".weight", config.hiddenSize(), 0));
    }

    private static Weight single(String name, Tensor tensor) {
        return new Weight(name, List.of(tensor), Optional.empty());
    }

    private static Weight matrix(LinearStack stack, ModelConfig config) {
        List<Tensor> tensors = stack.modules().stream()
                .map(m -> new Tensor(m.inLayer() + ".weight", m.outFeatures(config), m.inFeatures(config)))
                .toList();
        return new Weight(stack.name().toLowerCase(Locale.ROOT), tensors, Optional.of(stack));
    }

    private static Weight bias(String name, LinearStack stack, ModelConfig config) {
        List<Tensor> tensors = stack.modules().stream()
                .map(m -> new Tensor(m.inLayer() + ".bias", m.outFeatures(config), 0))
                .toList();
        return new Weight(name, tensors, Optional.of(stack));
    }

    private List<Place> placeAll() {
        List<Place> all = new ArrayList<>();
        int weight = 0;
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            for (Weight w : layerWeights) {
                place(all, w, weight++, layer(layer));
            }
        }
        for (Weight w : modelWeights) {
            place(all, w, weight++, "");
        }
        return List.copyOf(all);
    }

    private static void place(List<Place> all, Weight weight, int number, String prefix) {
        int row = 0;
        for (Tensor tensor : weight.tensors()) {
            all.add(new Place(new Tensor(prefix + tensor.name(), tensor.rows(), tensor.columns()), number, row));
            row += tensor.rows();
        }
    }

    /** The linear modules of a layer, as the program counts them. */
    public List<LinearModule> modules() {
        return MODULES;
    }

    /** A module's place among {@link #modules}. */
    public int number(LinearModule module) {
        return MODULES.indexOf(module);
    }

    public ModelConfig config() {
        return config;
    }

    /** The weights of one layer; all layers are alike. */
    public List<Weight> layerWeights() {
        return layerWeights;
    }

    /** The weights around the layers; a tied output matrix is not among them. */
    public List<Weight> modelWeights() {
        return modelWeights;
    }

    /** Weights of the program. */
    public int weightCount() {
        return config.numHiddenLayers() * layerWeights.size() + modelWeights.size();
    }

    /** Every tensor of a checkpoint, in the program's order. */
    public List<Place> places() {
        return places;
    }

    /** Name and shape of every tensor of a checkpoint. */
    public SortedMap<String, long[]> shapes() {
        SortedMap<String, long[]> shapes = new TreeMap<>();
        places.forEach(place -> shapes.put(place.tensor().name(), place.tensor().shape()));
        return Collections.unmodifiableSortedMap(shapes);
    }

    /** Numbers in all weights. */
    public long parameters() {
        return places.stream().mapToLong(place -> place.tensor().elements()).sum();
    }
}

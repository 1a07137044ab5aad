package io.lorikeet.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.model.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCheckpointTest {
    private static final String SHARD_3 = "model-00003-of-00005.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    private Path temp;

    @Test
    void readsOneFileWithItsOwnOutputMatrix() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tiny"))) {
            assertThat(checkpoint.tensors()).hasSize(39);
            assertThat(checkpoint.lmHead().name()).isEqualTo("lm_head.weight");
            assertThat(checkpoint
                            .tensor("model.layers.2.self_attn.k_proj.weight")
                            .shape())
                    .containsExactly(32, 64);
            assertThat(checkpoint.tensor("model.norm.weight").toFloats())
                    .startsWith(0.8815891f, 0.9147302f, 1.1402013f, 0.9639043f);
        }
    }

    @Test
    void readsShardsAndTiesTheOutputMatrixToTheEmbedding() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-tied-sharded"))) {
            assertThat(checkpoint.tensors()).hasSize(26);
            assertThat(checkpoint.lmHead().name()).isEqualTo("model.embed_tokens.weight");
        }
    }

    @Test
    void readsBfloat16() {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(Golden.model("qwen2-bf16"))) {
            TensorSlice norm = checkpoint.tensor("model.norm.weight");
            assertThat(norm.dtype()).isEqualTo(DType.BF16);
            assertThat(norm.toFloats()).hasSize(64).startsWith(0.94140625f, 1.0625f, 1.21875f, 0.9609375f);
        }
    }

    @Test
    void readsWithoutAGenerationConfig() throws IOException {
        Path model = copy("qwen2-tiny");
        Files.delete(model.resolve("generation_config.json"));

        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            assertThat(checkpoint.generationConfig().eosTokenIds()).containsExactly(511);
        }
    }

    @Test
    void acceptsACopyOfTheTiedMatrixAndCachedFrequencies() throws IOException {
        Path model = copy("qwen2-bf16");
        String fingerprint = fingerprint(model);
        rewrite(model, tensors -> {
            tensors.put("lm_head.weight", renamed(tensors.get("model.embed_tokens.weight"), "lm_head.weight"));
            String cached = "model.layers.0.self_attn.rotary_emb.inv_freq";
            tensors.put(cached, renamed(tensors.get("model.norm.weight"), cached));
        });

        assertThat(fingerprint(model)).isEqualTo(fingerprint);
    }

    // --- the fingerprint ---

    @Test
    void givesTheSameFingerprintHoweverTheModelIsSharded() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        String sharded = fingerprint(model);
        SafetensorsWriter writer = new SafetensorsWriter();
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            checkpoint.tensors().values().forEach(writer::add);
            writer.write(model.resolve("model.safetensors"));
        }

        assertThat(fingerprint(model)).isEqualTo(sharded).matches("sha256:[0-9a-f]{64}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.embed_tokens.weight", "model.norm.weight"})
    void givesAnotherFingerprintToOtherWeights(String tensor) throws IOException {
        Path model = copy("qwen2-tiny");
        String before = fingerprint(model);

        flipABit(model, tensor, 0);
        String first = fingerprint(model);
        flipABit(model, tensor, 0);
        flipABit(model, tensor, -1);
        String last = fingerprint(model);

        assertThat(Set.of(before, first, last)).hasSize(3);
    }

    @Test
    void givesAnotherFingerprintToAnotherArchitecture() throws IOException {
        Path model = copy("qwen2-tiny");
        String before = fingerprint(model);
        edit(model.resolve("config.json"), "1000000.0", "10000.0");

        assertThat(fingerprint(model)).isNotEqualTo(before);
    }

    @Test
    void keepsTheFingerprintWhenAContextLengthIsEdited() throws IOException {
        Path model = copy("qwen2-tiny");
        String before = fingerprint(model);
        edit(model.resolve("config.json"), "\"max_position_embeddings\": 256", "\"max_position_embeddings\": 128");

        assertThat(fingerprint(model)).isEqualTo(before);
    }

    // --- tensors that do not add up ---

    @Test
    void refusesATruncatedFile() throws IOException {
        Path model = copy("qwen2-tiny");
        try (FileChannel channel = FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
        }

        assertRefused(model, "model.safetensors", "truncated", "tensor model.norm.weight");
    }

    @Test
    void refusesAMissingBias() throws IOException {
        Path model = copy("qwen2-tiny");
        rewrite(model, tensors -> tensors.remove("model.layers.1.self_attn.q_proj.bias"));

        assertRefused(model, "tensor model.layers.1.self_attn.q_proj.bias [64] is in no file");
    }

    @Test
    void refusesAMissingOutputMatrixUnlessItIsTied() throws IOException {
        Path model = copy("qwen2-bf16");
        edit(model.resolve("config.json"), "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");

        assertRefused(model, "tensor lm_head.weight [384, 64] is in no file");
    }

    @Test
    void refusesATensorOfAnotherShape() throws IOException {
        Path model = copy("qwen2-tiny");
        edit(model.resolve("config.json"), "\"intermediate_size\": 160", "\"intermediate_size\": 168");

        assertRefused(
                model,
                "model.safetensors: tensor model.layers.0.mlp.down_proj.weight",
                "config.json asks for shape [64, 168], found [64, 160]");
    }

    @Test
    void refusesATensorOfALayerThatTheModelDoesNotHave() throws IOException {
        Path model = copy("qwen2-tiny");
        edit(model.resolve("config.json"), "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2");
        edit(model.resolve("config.json"), "\"layer_types\"", "\"was_layer_types\"");

        assertRefused(model, "tensor model.layers.2.", "belongs to no part of the model");
    }

    @Test
    void refusesWeightsInADtypeThatIsNoFloat() throws IOException {
        Path model = copy("qwen2-tiny");
        rewrite(model, tensors -> {
            TensorSlice norm = tensors.get("model.norm.weight");
            tensors.put(norm.name(), new TensorSlice(norm.name(), DType.I32, norm.shape(), norm.bytes()));
        });

        assertRefused(model, "tensor model.norm.weight", "expected a dtype of F32, BF16 or F16, found I32");
    }

    // --- shards and their index ---

    @Test
    void refusesAnIndexThatNamesAMissingShard() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        Files.delete(model.resolve(SHARD_3));

        assertRefused(model, SHARD_3 + ": missing", INDEX);
    }

    @Test
    void refusesAnIndexThatNamesATensorItsShardLacks() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        edit(model.resolve(INDEX), "\"model.norm.weight\"", "\"model.norm.gain\"");

        assertRefused(
                model, INDEX, "tensor model.norm.gain should be in model-00005-of-00005.safetensors, which lacks it");
    }

    @Test
    void refusesAnIndexThatNamesTheWrongShard() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        edit(
                model.resolve(INDEX),
                "\"model.norm.weight\": \"model-00005-of-00005.safetensors\"",
                "\"model.norm.weight\": \"model-00001-of-00005.safetensors\"");

        assertRefused(model, INDEX, "tensor model.norm.weight should be in model-00001", "found in", "model-00005");
    }

    @Test
    void refusesAShardWithATensorThatTheIndexDoesNotName() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        edit(model.resolve(INDEX), ",\n    \"model.norm.weight\": \"model-00005-of-00005.safetensors\"", "");

        assertRefused(model, INDEX, "[model.norm.weight]");
    }

    @Test
    void refusesAnIndexThatLeavesItsFolder() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        edit(model.resolve(INDEX), SHARD_3, "../" + SHARD_3);

        assertRefused(model, INDEX, "expected the name of a file beside it, found ../" + SHARD_3);
    }

    @Test
    void refusesATensorThatIsInTwoShards() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        Files.copy(
                model.resolve("model-00001-of-00005.safetensors"),
                model.resolve(SHARD_3),
                StandardCopyOption.REPLACE_EXISTING);

        assertRefused(model, "tensor model.embed_tokens.weight is in", "too");
    }

    @Test
    void refusesAnIndexWithoutAWeightMap() throws IOException {
        Path model = copy("qwen2-tied-sharded");
        Files.writeString(model.resolve(INDEX), "{\"metadata\": {}}");

        assertRefused(model, INDEX, "weight_map: expected an object");
    }

    // --- what is no model directory ---

    @Test
    void refusesADirectoryThatDoesNotExist() {
        assertRefused(temp.resolve("Qwen2.5-7B"), "Qwen2.5-7B: does not exist; expected a model directory");
    }

    @Test
    void refusesAFileInPlaceOfItsDirectory() throws IOException {
        Path model = copy("qwen2-tiny");

        assertRefused(model.resolve("model.safetensors"), "is a file", "so perhaps " + model);
    }

    @Test
    void refusesAnEmptyDirectory() {
        assertRefused(temp, "is an empty directory");
    }

    @Test
    void refusesAPeftAdapterAsBaseModel() {
        assertRefused(Golden.folder("qwen2-tiny").resolve("adapter-trained"), "is a PEFT adapter, not a base model");
    }

    @Test
    void pointsFromTheRootOfAHuggingFaceCacheToTheSnapshot() throws IOException {
        Path entry = temp.resolve("models--Qwen--Qwen2.5-7B-Instruct");
        Path snapshot = Files.createDirectories(entry.resolve("snapshots/a09a35458c702b33eeacc393d103063234e8bc28"));
        Files.writeString(snapshot.resolve("config.json"), "{}");

        assertRefused(entry, "is a Hugging Face cache, the model lies deeper: " + snapshot);
        assertRefused(temp, "is a Hugging Face cache, the model lies deeper: " + snapshot);
    }

    @Test
    void pointsFromAFolderToTheModelInIt() throws IOException {
        Path model = copy("qwen2-tiny");

        assertRefused(model.getParent(), "has no config.json, but a folder in it does: " + model);
    }

    @Test
    void namesWhatADirectoryWithoutAModelHolds() throws IOException {
        Files.writeString(temp.resolve("notes.txt"), "");

        assertRefused(temp, "has no config.json (it has notes.txt)");
    }

    @Test
    void refusesWeightsInOtherFormats() throws IOException {
        Path model = copy("qwen2-tiny");
        Files.move(model.resolve("model.safetensors"), model.resolve("pytorch_model.bin"));
        assertRefused(model, "pickled PyTorch weights", "convert them to safetensors");

        Files.move(model.resolve("pytorch_model.bin"), model.resolve("model-q4.gguf"));
        assertRefused(model, "GGUF");

        Files.move(model.resolve("model-q4.gguf"), model.resolve("weights.safetensors"));
        assertRefused(model, "neither model.safetensors nor model.safetensors.index.json", "weights.safetensors");

        Files.delete(model.resolve("weights.safetensors"));
        assertRefused(model, "has config.json but no weights");
    }

    private static void assertRefused(Path directory, String... mentions) {
        assertThatThrownBy(() -> ModelCheckpoint.open(directory))
                .isInstanceOf(CheckpointException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(mentions));
    }

    private static String fingerprint(Path model) {
        try (ModelCheckpoint checkpoint = ModelCheckpoint.open(model)) {
            return checkpoint.fingerprint();
        }
    }

    private static TensorSlice renamed(TensorSlice slice, String name) {
        return new TensorSlice(name, slice.dtype(), slice.shape(), slice.bytes());
    }

    private Path copy(String golden) throws IOException {
        Path target = Files.createDirectories(temp.resolve("models").resolve(golden));
        try (Stream<Path> files = Files.list(Golden.model(golden))) {
            files.forEach(file -> {
                try {
                    Files.copy(file, target.resolve(file.getFileName()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return target;
    }

    /** Writes model.safetensors anew with other tensors. */
    private static void rewrite(Path model, Consumer<SortedMap<String, TensorSlice>> change) {
        Path file = model.resolve("model.safetensors");
        try (Safetensors opened = Safetensors.open(file)) {
            SortedMap<String, TensorSlice> tensors = new TreeMap<>(opened.tensors());
            change.accept(tensors);
            SafetensorsWriter writer = new SafetensorsWriter();
            tensors.values().forEach(writer::add);
            writer.write(file);
        }
    }

    /** Changes one byte of a tensor; a negative index counts from its end. */
    private static void flipABit(Path model, String tensor, int index) {
        rewrite(model, tensors -> {
            TensorSlice slice = tensors.get(tensor);
            byte[] bytes = slice.bytes().toArray(ValueLayout.JAVA_BYTE);
            bytes[Math.floorMod(index, bytes.length)] ^= 1;
            tensors.put(tensor, new TensorSlice(tensor, slice.dtype(), slice.shape(), MemorySegment.ofArray(bytes)));
        });
    }

    private static void edit(Path file, String original, String changed) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(original);
        Files.writeString(file, text.replace(original, changed));
    }
}

package io.lorikeet.engine.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lorikeet.engine.Golden;
import io.lorikeet.engine.adapter.AdapterException.Reason;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.checkpoint.Safetensors;
import io.lorikeet.engine.checkpoint.SafetensorsWriter;
import io.lorikeet.engine.checkpoint.TensorSlice;
import io.lorikeet.engine.model.DType;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftAdapterRefusalTest {
    private static final ModelConfig BASE =
            ConfigReader.read(Golden.model("qwen2-tiny").resolve("config.json"));
    private static final String A = "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight";
    private static final String B = "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight";

    @TempDir
    private Path adapter;

    @BeforeEach
    void copyAGoodAdapter() throws IOException {
        Path golden = Golden.folder("qwen2-tiny").resolve("adapter-trained");
        for (String file : new String[] {PeftAdapter.CONFIG_FILE, PeftAdapter.TENSORS_FILE}) {
            Files.copy(golden.resolve(file), adapter.resolve(file));
        }
    }

    @Test
    void refusesATensorOfALayerThatTheBaseDoesNotHave() {
        String name = A.replace("layers.1.", "layers.3.");
        tensors(tensors -> tensors.put(name, renamed(tensors.get(A), name)));

        assertRefused(Reason.UNKNOWN_TENSOR, "tensor " + name + " belongs to no module that the adapter targets");
    }

    @Test
    void saysWhoWritesTheAdaptersNameIntoTheKeys() {
        String name = A.replace(".lora_A.weight", ".lora_A.default.weight");
        tensors(tensors -> tensors.put(name, renamed(tensors.remove(A), name)));

        assertRefused(
                Reason.UNKNOWN_TENSOR,
                "tensor " + name + ": expected " + A + ", found the adapter's name 'default' in it",
                "save_pretrained");
    }

    @Test
    void refusesATensorOfAModuleThatIsNotTargeted() throws IOException {
        config("\"q_proj\",\n", "");

        assertRefused(Reason.UNKNOWN_TENSOR, "layers.0.self_attn.q_proj.lora_A.weight", "nor do 5 others");
    }

    @Test
    void refusesAnAdapterThatMatchesNoModule() {
        tensors(tensors -> {
            SortedMap<String, TensorSlice> renamed = new TreeMap<>();
            tensors.forEach((name, slice) -> {
                String other = name.replace("model.layers", "transformer.h");
                renamed.put(other, renamed(slice, other));
            });
            tensors.clear();
            tensors.putAll(renamed);
        });

        assertRefused(Reason.UNKNOWN_TENSOR, "transformer.h.0");
    }

    @Test
    void refusesAnEmptyAdapter() {
        tensors(tensors -> tensors.clear());

        assertRefused(Reason.MISSING_TENSOR, "layers.0.self_attn.q_proj.lora_A.weight is missing");
    }

    @Test
    void refusesAModuleWithoutItsB() {
        tensors(tensors -> tensors.remove(B));

        assertRefused(Reason.MISSING_TENSOR, B);
    }

    @Test
    void refusesATensorThatDoesNotFitTheBase() {
        tensors(tensors -> {
            TensorSlice b = tensors.get(B);
            tensors.put(B, new TensorSlice(B, b.dtype(), new long[] {32, 16}, b.bytes()));
        });

        assertRefused(Reason.SHAPE_MISMATCH, B, "shape [64, 8], found [32, 16]");
    }

    @Test
    void refusesARankThatTheTensorsDoNotHave() throws IOException {
        config("\"r\": 8", "\"r\": 4");

        assertRefused(Reason.SHAPE_MISMATCH, "ask for shape [4, 64], found [8, 64]");
    }

    @Test
    void refusesAnAdapterOfAnotherBase() {
        ModelConfig other = ConfigReader.read(Golden.model("qwen2-bf16").resolve("config.json"));

        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.read(adapter, other))
                .satisfies(e -> assertThat(e.kind()).isIn(Reason.UNKNOWN_TENSOR, Reason.SHAPE_MISMATCH));
    }

    @Test
    void refusesAValueThatIsNotANumber() {
        tensors(tensors -> tensors.put(A, withValue(tensors.get(A), 511, Float.NaN)));

        assertRefused(Reason.NOT_FINITE, "tensor " + A + ": value 511 is NaN");
    }

    @Test
    void refusesAnInfiniteValue() {
        tensors(tensors -> tensors.put(B, withValue(tensors.get(B), 0, Float.NEGATIVE_INFINITY)));

        assertRefused(Reason.NOT_FINITE, "tensor " + B + ": value 0 is -Infinity");
    }

    @Test
    void refusesTensorsThatAreNoFloats() {
        tensors(tensors -> {
            TensorSlice a = tensors.get(A);
            tensors.put(A, new TensorSlice(A, DType.I32, a.shape(), a.bytes()));
        });

        assertRefused(Reason.MALFORMED_TENSORS, A, "found I32");
    }

    @Test
    void refusesATruncatedFile() throws IOException {
        Path file = adapter.resolve(PeftAdapter.TENSORS_FILE);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));

        assertRefused(Reason.MALFORMED_TENSORS, PeftAdapter.TENSORS_FILE, "truncated");
    }

    @Test
    void refusesAFolderThatDoesNotExist() {
        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.read(adapter.resolve("gone"), BASE))
                .withMessageContaining("does not exist; expected an adapter's folder")
                .returns("unreadable", AdapterException::reason);
    }

    @Test
    void refusesAFileInPlaceOfAFolder() {
        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.read(adapter.resolve(PeftAdapter.CONFIG_FILE), BASE))
                .withMessageContaining("is a file; expected an adapter's folder");
    }

    @Test
    void refusesAWholeModel() {
        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.read(Golden.model("qwen2-tiny"), BASE))
                .withMessageContaining("is a whole model; expected an adapter's folder");
    }

    @Test
    void refusesPickledTensors() throws IOException {
        Files.move(adapter.resolve(PeftAdapter.TENSORS_FILE), adapter.resolve("adapter_model.bin"));

        assertRefused(Reason.UNREADABLE, "a pickle can run code");
    }

    @Test
    void refusesAFolderWithoutTensors() throws IOException {
        Files.delete(adapter.resolve(PeftAdapter.TENSORS_FILE));

        assertRefused(Reason.UNREADABLE, "has no adapter_model.safetensors");
    }

    @Test
    void refusesToPutAnIncompleteAdapterTogether() {
        PeftAdapter whole = PeftAdapter.read(adapter, BASE);
        SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>(whole.weights());
        weights.remove(new LoraTarget(2, LinearModule.O_PROJ));

        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.of(whole.config(), weights, BASE))
                .withMessageContaining("layers.2.self_attn.o_proj.lora_A.weight is missing");
    }

    @Test
    void refusesToPutAnAdapterTogetherFromValuesThatAreNotFinite() {
        PeftAdapter whole = PeftAdapter.read(adapter, BASE);
        LoraWeights pair = whole.weights(0, LinearModule.K_PROJ);
        float[] b = pair.b().clone();
        b[3] = Float.POSITIVE_INFINITY;
        SortedMap<LoraTarget, LoraWeights> weights = new TreeMap<>(whole.weights());
        weights.put(new LoraTarget(0, LinearModule.K_PROJ), new LoraWeights(pair.a(), b));

        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.of(whole.config(), weights, BASE))
                .withMessageContaining("value 3 is Infinity")
                .returns(Reason.NOT_FINITE, AdapterException::kind);
    }

    private void assertRefused(Reason reason, String... mentions) {
        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> PeftAdapter.read(adapter, BASE))
                .satisfies(e -> assertThat(e.getMessage()).contains(mentions))
                .returns(reason, AdapterException::kind)
                .returns(reason.slug(), AdapterException::reason);
    }

    private void tensors(Consumer<SortedMap<String, TensorSlice>> change) {
        Path file = adapter.resolve(PeftAdapter.TENSORS_FILE);
        try (Safetensors opened = Safetensors.open(file)) {
            SortedMap<String, TensorSlice> tensors = new TreeMap<>(opened.tensors());
            change.accept(tensors);
            SafetensorsWriter writer = new SafetensorsWriter();
            tensors.values().forEach(writer::add);
            writer.write(file);
        }
    }

    private void config(String original, String changed) throws IOException {
        Path file = adapter.resolve(PeftAdapter.CONFIG_FILE);
        String text = Files.readString(file);
        assertThat(text).contains(original);
        Files.writeString(file, text.replace(original, changed));
    }

    private static TensorSlice renamed(TensorSlice slice, String name) {
        return new TensorSlice(name, slice.dtype(), slice.shape(), slice.bytes());
    }

    private static TensorSlice withValue(TensorSlice slice, int index, float value) {
        byte[] bytes = new byte[Math.toIntExact(slice.byteSize())];
        slice.bytes().asByteBuffer().get(bytes);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(index * Float.BYTES, value);
        return new TensorSlice(slice.name(), slice.dtype(), slice.shape(), MemorySegment.ofArray(bytes));
    }
}

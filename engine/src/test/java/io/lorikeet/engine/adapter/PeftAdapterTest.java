package io.lorikeet.engine.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.Golden;
import io.lorikeet.engine.checkpoint.ConfigReader;
import io.lorikeet.engine.model.LinearModule;
import io.lorikeet.engine.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftAdapterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, adapter-initial",
        "qwen2-tiny, adapter-trained",
        "qwen2-tied-sharded, adapter-initial",
        "qwen2-tied-sharded, adapter-trained",
        "qwen2-bf16, adapter-initial",
        "qwen2-bf16, adapter-trained",
        "qwen2-dora, adapter-trained",
        "qwen2-adapters, adapters/rank-alpha-pattern",
        "qwen2-adapters, adapters/regex",
        "qwen2-adapters, adapters/lora-bias",
        "qwen2-adapters, adapters/bias-lora-only"
    })
    void writesTheTensorsThatPeftWroteBitForBit(String golden, String name, @TempDir Path temp) throws IOException {
        Path source = Golden.folder(golden).resolve(name);

        PeftAdapter.read(source, base(golden)).save(temp);

        assertThat(temp.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(source.resolve("adapter_model.safetensors"));
    }

    @ParameterizedTest
    @CsvSource({"qwen2-tiny", "qwen2-tied-sharded", "qwen2-dora"})
    void writesTheConfigurationThatPeftWrote(String golden, @TempDir Path temp) throws IOException {
        Path source = Golden.folder(golden).resolve("adapter-trained");

        PeftAdapter.read(source, base(golden)).save(temp);

        assertThat(config(temp)).isEqualTo(config(source));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"dora-rslora", "rank-alpha-pattern", "regex", "layers-to-transform", "exclude", "lora-bias"})
    void writesAConfigurationThatMeansTheSame(String kind, @TempDir Path temp) {
        ModelConfig base = base("qwen2-adapters");
        PeftAdapter adapter = PeftAdapter.read(Golden.folder("qwen2-adapters").resolve("adapters/" + kind), base);

        adapter.save(temp);

        assertThat(PeftAdapter.read(temp, base).config()).isEqualTo(adapter.config());
    }

    @Test
    void readsWhatTargetModulesNamesByWholePath() {
        PeftAdapter adapter =
                PeftAdapter.read(Golden.folder("qwen2-bf16").resolve("adapter-trained"), base("qwen2-bf16"));

        assertThat(adapter.config()).isEqualTo(new LoraConfig(8, 32, 0, EnumSet.allOf(LinearModule.class), false));
        assertThat(adapter.weights()).hasSize(2 * 7);
        assertThat(adapter.weights(1, LinearModule.DOWN_PROJ).a()).hasSize(8 * 128);
    }

    /** target_modules is a set in PEFT: its order in the file means nothing. */
    private static JsonNode config(Path directory) throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(Files.readAllBytes(directory.resolve("adapter_config.json")));
        TreeSet<String> modules = new TreeSet<>();
        config.get("target_modules").forEach(module -> modules.add(module.textValue()));
        config.putPOJO("target_modules", modules);
        return JSON.readTree(JSON.writeValueAsBytes(config));
    }

    private static ModelConfig base(String golden) {
        return ConfigReader.read(Golden.model(golden).resolve("config.json"));
    }
}

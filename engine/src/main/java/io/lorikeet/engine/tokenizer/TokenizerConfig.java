package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is needed of tokenizer_config.json.
 *
 * @param specialTokens by their names, which chat templates know: bos_token, eos_token, …
 * @param chatTemplates by their names, {@link #DEFAULT} among them if there are any
 * @param templateFile where they stand
 */
record TokenizerConfig(Map<String, String> specialTokens, Map<String, String> chatTemplates, Path templateFile) {
    static final String DEFAULT = "default";
    /** The template that transformers takes in the default's place where there are tools. */
    static final String TOOL_USE = "tool_use";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FILE = "tokenizer_config.json";
    private static final String TEMPLATE_FILE = "chat_template.jinja";
    private static final List<String> SPECIAL =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    static TokenizerConfig read(Path directory) {
        Path file = directory.resolve(FILE);
        JsonNode config = Files.isRegularFile(file)
                ? read(file, path -> JSON.readTree(Files.readAllBytes(path)))
                : JSON.createObjectNode();
        Map<String, String> special = new HashMap<>();
        for (String name : SPECIAL) {
            JsonNode token = config.path(name);
            // An added token is a string, or an object that has it as content.
            String content = token.path("content").asText(token.isTextual() ? token.textValue() : "");
            if (!content.isEmpty()) {
                special.put(name, content);
            }
        }
        Path templateFile = directory.resolve(TEMPLATE_FILE);
        return Files.isRegularFile(templateFile)
                ? new TokenizerConfig(special, Map.of(DEFAULT, read(templateFile, Files::readString)), templateFile)
                : new TokenizerConfig(special, templates(config.path("chat_template")), file);
    }

    Optional<String> eosToken() {
        return Optional.ofNullable(specialTokens.get("eos_token"));
    }

    private static Map<String, String> templates(JsonNode template) {
        Map<String, String> named = new HashMap<>();
        if (template.isTextual()) {
            named.put(DEFAULT, template.textValue());
        }
        template.forEach(
                one -> named.put(one.path("name").asText(), one.path("template").asText()));
        return named;
    }

    private interface Reader<T> {
        T read(Path file) throws IOException;
    }

    private static <T> T read(Path file, Reader<T> reader) {
        try {
            return reader.read(file);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}

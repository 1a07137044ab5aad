package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is needed of tokenizer_config.json.
 *
 * @param eosToken the token that ends an answer
 * @param defaultSystem what the model's chat template puts as system prompt where a conversation brings none
 */
record TokenizerConfig(Optional<String> eosToken, Optional<String> defaultSystem) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FILE = "tokenizer_config.json";
    private static final String TEMPLATE_FILE = "chat_template.jinja";

    /** A Jinja literal with a whole system block in it: its quote, then the prompt up to {@code <|im_end|>}. */
    private static final Pattern SYSTEM_LITERAL = Pattern.compile(
            "(['\"])" + Pattern.quote(Qwen2Tokenizer.IM_START) + "system(?:\\\\n|\\n)" + "((?:(?!\\1)[^\\\\]|\\\\.)*?)"
                    + Pattern.quote(Qwen2Tokenizer.IM_END),
            Pattern.DOTALL);

    static TokenizerConfig read(Path directory) {
        JsonNode config = json(directory.resolve(FILE));
        Optional<String> template = template(directory, config);
        template.ifPresent(jinja -> {
            if (!jinja.contains(Qwen2Tokenizer.IM_START)) {
                throw new CheckpointException(directory.resolve(FILE) + ": chat_template: expected ChatML ("
                        + Qwen2Tokenizer.IM_START + "role … " + Qwen2Tokenizer.IM_END + "), found another format");
            }
        });
        JsonNode eos = config.path("eos_token");
        // An added token is a string, or an object that has it as content.
        String eosToken = eos.path("content").asText(eos.asText(""));
        return new TokenizerConfig(
                Optional.of(eosToken).filter(token -> !token.isEmpty()),
                template.flatMap(TokenizerConfig::defaultSystem));
    }

    static Optional<String> defaultSystem(String jinja) {
        Matcher literal = SYSTEM_LITERAL.matcher(jinja);
        return literal.find() ? Optional.of(unescape(literal.group(2))).filter(s -> !s.isEmpty()) : Optional.empty();
    }

    private static Optional<String> template(Path directory, JsonNode config) {
        Path file = directory.resolve(TEMPLATE_FILE);
        if (Files.isRegularFile(file)) {
            return Optional.of(read(file, Files::readString));
        }
        JsonNode template = config.path("chat_template");
        if (template.isArray()) {
            for (JsonNode named : template) {
                if (named.path("name").asText().equals("default")) {
                    return Optional.of(named.path("template").asText());
                }
            }
        }
        return template.isTextual() ? Optional.of(template.textValue()) : Optional.empty();
    }

    private static JsonNode json(Path file) {
        return Files.isRegularFile(file)
                ? read(file, path -> JSON.readTree(Files.readAllBytes(path)))
                : JSON.createObjectNode();
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

    private static String unescape(String literal) {
        StringBuilder out = new StringBuilder(literal.length());
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c == '\\' && i + 1 < literal.length()) {
                char escaped = literal.charAt(++i);
                out.append(escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}

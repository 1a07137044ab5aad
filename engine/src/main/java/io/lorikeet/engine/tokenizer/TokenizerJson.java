package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * tokenizer.json, taken apart.
 *
 * @param vocabulary ids by token, spelled byte-level
 * @param addedTokens tokens beside the vocabulary
 * @param words how texts are split, if that can be done here
 * @param withoutAddedTokens the same file without them, for the native tokenizer: so it can never see a control token in a text
 */
record TokenizerJson(
        Map<String, Integer> vocabulary,
        List<AddedToken> addedTokens,
        Optional<WordSplitter> words,
        String withoutAddedTokens) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static TokenizerJson read(Path file) {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            expect(file, "model.type", root.path("model").path("type"), "BPE");
            expect(file, "decoder.type", root.path("decoder").path("type"), "ByteLevel");
            List<AddedToken> added = new ArrayList<>();
            root.path("added_tokens").forEach(token -> added.add(addedToken(file, token)));
            Map<String, Integer> vocabulary = new HashMap<>();
            root.path("model").path("vocab").forEachEntry((token, id) -> vocabulary.put(token, id.intValue()));
            ObjectNode rest = (ObjectNode) root;
            rest.putArray("added_tokens");
            rest.putNull("truncation");
            rest.putNull("padding");
            return new TokenizerJson(vocabulary, added, WordSplitter.of(root), JSON.writeValueAsString(rest));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static AddedToken addedToken(Path file, JsonNode token) {
        for (String flag : List.of("lstrip", "rstrip", "single_word")) {
            if (token.path(flag).asBoolean()) {
                throw new CheckpointException(
                        file + ": added token " + token.path("content") + ": expected " + flag + " false, found true");
            }
        }
        String content = token.path("content").asText();
        if (content.isEmpty() || !token.path("id").isIntegralNumber()) {
            throw new CheckpointException(file + ": added_tokens: expected an id and a content, found " + token);
        }
        return new AddedToken(
                token.path("id").intValue(), content, token.path("special").asBoolean());
    }

    private static void expect(Path file, String field, JsonNode value, String expected) {
        if (!value.asText().equals(expected)) {
            throw new CheckpointException(file + ": " + field + ": expected " + expected
                    + " (Qwen2's byte-level BPE), found " + (value.isMissingNode() ? "none" : value));
        }
    }
}

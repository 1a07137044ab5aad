package io.lorikeet.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A JSON object of a model directory, read field by field; every complaint names file, field, what was expected and found. */
final class JsonFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String source;
    private final JsonNode root;

    private JsonFile(String source, JsonNode root) {
        this.source = source;
        this.root = root;
    }

    static JsonFile read(Path file) {
        try {
            return parse(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    static JsonFile parse(String source, byte[] bytes) {
        try {
            JsonNode root = JSON.readTree(bytes);
            if (!root.isObject()) {
                throw new CheckpointException(source + ": expected a JSON object, found " + root.getNodeType());
            }
            return new JsonFile(source, root);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(source + ": not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(source + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The value of a field, or of {@code outer.inner}; empty if it is absent or null. */
    Optional<JsonNode> find(String path) {
        JsonNode node = root;
        for (String name : path.split("\\.", -1)) {
            node = node.path(name);
        }
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    int positiveInt(String path) {
        JsonNode node = find(path).orElseThrow(() -> failure(path, "a whole number from 1", "none"));
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
            throw failure(path, "a whole number from 1", node);
        }
        return node.intValue();
    }

    Optional<Integer> optionalInt(String path) {
        return find(path).map(node -> {
            if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
                throw failure(path, "a whole number from 0", node);
            }
            return node.intValue();
        });
    }

    Optional<Double> optionalNumber(String path) {
        return find(path).map(node -> {
            if (!node.isNumber()) {
                throw failure(path, "a number", node);
            }
            return node.doubleValue();
        });
    }

    Optional<Boolean> optionalBoolean(String path) {
        return find(path).map(node -> {
            if (!node.isBoolean()) {
                throw failure(path, "true or false", node);
            }
            return node.booleanValue();
        });
    }

    Optional<String> optionalText(String path) {
        return find(path).map(node -> {
            if (!node.isTextual()) {
                throw failure(path, "a string", node);
            }
            return node.textValue();
        });
    }

    /** Token ids: one number or a list of them; empty if absent. */
    List<Integer> tokenIds(String path) {
        List<Integer> ids = new ArrayList<>();
        find(path).ifPresent(node -> {
            for (JsonNode id : node.isArray() ? node : List.of(node)) {
                if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
                    throw failure(path, "a token id or a list of them", node);
                }
                ids.add(id.intValue());
            }
        });
        return List.copyOf(ids);
    }

    JsonNode root() {
        return root;
    }

    CheckpointException failure(String path, String expected, Object found) {
        return new CheckpointException(source + ": " + path + ": expected " + expected + ", found " + found);
    }
}

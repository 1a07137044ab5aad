package io.lorikeet.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The fields that an object must have. Those of Kubernetes' own kinds are in the official client's types, which are made
 * from the API's OpenAPI document. Those of the operators' kinds are listed in {@code required/}, one path a line; the
 * {@link #main} of this class made each list from its CustomResourceDefinition.
 */
final class RequiredFields {
    private static final String CLIENT = "io.kubernetes.client.openapi.models.";
    private static final String ELEMENT = "[]";
    private static final String VALUE = "{}";

    private RequiredFields() {}

    /** Throws an {@link AssertionError} that names a field that {@code object} lacks, if it lacks one. */
    static void check(JsonNode object) {
        String apiVersion = object.path("apiVersion").asText();
        String kind = object.path("kind").asText();
        var required = list(apiVersion, kind);
        if (required.isEmpty()) {
            checkByClient(apiVersion, kind, object);
        }
        Stream.concat(Stream.of("metadata.name"), required.stream().flatMap(List::stream))
                .forEach(path -> check(object, path, 0, kind));
    }

    private static Optional<List<String>> list(String apiVersion, String kind) {
        String name = "/required/" + apiVersion.replace('/', '_') + "_" + kind + ".txt";
        try (var in = RequiredFields.class.getResourceAsStream(name)) {
            return in == null
                    ? Optional.empty()
                    : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("#"))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A field is required where the object that it belongs to is there. */
    private static void check(JsonNode object, String path, int from, String kind) {
        int dot = path.indexOf('.', from);
        String name = path.substring(from, dot < 0 ? path.length() : dot);
        if (dot < 0) {
            if (!object.hasNonNull(name)) {
                throw new AssertionError("%s lacks the required field %s".formatted(kind, path));
            }
            return;
        }
        parts(object, name).filter(JsonNode::isObject).forEach(part -> check(part, path, dot + 1, kind));
    }

    private static Stream<JsonNode> parts(JsonNode object, String name) {
        if (name.endsWith(ELEMENT) || name.endsWith(VALUE)) {
            JsonNode all = object.path(name.substring(0, name.length() - 2));
            return StreamSupport.stream(all.spliterator(), false);
        }
        return Stream.of(object.path(name));
    }

    private static void checkByClient(String apiVersion, String kind, JsonNode object) {
        String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
        String type = CLIENT + version.substring(0, 1).toUpperCase(Locale.ROOT) + version.substring(1) + kind;
        try {
            Class.forName(type)
                    .getMethod("validateJsonElement", JsonElement.class)
                    .invoke(null, JsonParser.parseString(object.toString()));
        } catch (InvocationTargetException e) {
            throw new AssertionError(kind + ": " + e.getCause().getMessage(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Nothing is known of the required fields of " + apiVersion + " " + kind, e);
        }
    }

    /** Writes the lists of CustomResourceDefinitions: a folder for the lists, then a file and where it is from for each. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        for (int i = 1; i + 1 < args.length; i += 2) {
            JsonNode definition = Project.YAML.readTree(Path.of(args[i]).toFile());
            String kind = definition.at("/spec/names/kind").asText();
            for (JsonNode version : definition.at("/spec/versions")) {
                String group = definition.at("/spec/group").asText();
                if (Manifests.knows(group + "/" + version.path("name").asText(), kind)) {
                    var paths = new TreeSet<String>();
                    collect(version.at("/schema/openAPIV3Schema"), "", paths);
                    String name = group + "_" + version.path("name").asText() + "_" + kind + ".txt";
                    Files.writeString(
                            folder.resolve(name),
                            "# Required fields, of " + args[i + 1] + "\n" + String.join("\n", paths) + "\n");
                }
            }
        }
    }

    private static void collect(JsonNode schema, String path, Set<String> paths) {
        if (path.equals("status.")) {
            return; // the operator's
        }
        schema.path("required").forEach(name -> paths.add(path + name.asText()));
        schema.path("properties")
                .properties()
                .forEach(property -> collectPart(property.getValue(), path + property.getKey(), paths));
    }

    private static void collectPart(JsonNode schema, String path, Set<String> paths) {
        if (schema.has("items")) {
            collectPart(schema.path("items"), path + ELEMENT, paths);
        } else if (schema.path("additionalProperties").isObject()) {
            collectPart(schema.path("additionalProperties"), path + VALUE, paths);
        } else {
            collect(schema, path + ".", paths);
        }
    }
}

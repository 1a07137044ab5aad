package io.lorikeet.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The weight files of a model directory, mapped: model.safetensors, or the shards that its index names. */
final class CheckpointFiles implements AutoCloseable {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private final List<Safetensors> files = new ArrayList<>();
    private final SortedMap<String, TensorSlice> tensors = new TreeMap<>();
    private final SortedMap<String, String> sources = new TreeMap<>();

    private CheckpointFiles() {}

    static CheckpointFiles open(Path directory) {
        CheckpointFiles opened = new CheckpointFiles();
        try {
            if (Files.exists(directory.resolve(SINGLE))) {
                opened.add(directory.resolve(SINGLE));
            } else {
                opened.addShards(directory);
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    SortedMap<String, TensorSlice> tensors() {
        return tensors;
    }

    /** The file that holds a tensor. */
    String source(String tensor) {
        return sources.get(tensor);
    }

    private void addShards(Path directory) {
        Path indexFile = directory.resolve(INDEX);
        Map<String, String> weightMap = weightMap(JsonFile.read(indexFile));
        for (String shard : new TreeSet<>(weightMap.values())) {
            // An index is data from outside: it names files of its own folder and no others.
            if (!Path.of(shard).equals(Path.of(shard).getFileName())) {
                throw new CheckpointException(
                        indexFile + ": weight_map: expected the name of a file beside it, found " + shard);
            }
            if (!Files.exists(directory.resolve(shard))) {
                throw new CheckpointException(
                        directory.resolve(shard) + ": missing, but " + INDEX + " says that tensors are in it");
            }
            add(directory.resolve(shard));
        }
        checkIndex(indexFile, weightMap);
    }

    private static Map<String, String> weightMap(JsonFile index) {
        JsonNode map = index.find("weight_map")
                .filter(node -> node.isObject() && !node.isEmpty())
                .orElseThrow(() -> index.failure("weight_map", "an object of tensor names and files", "none"));
        Map<String, String> files = new TreeMap<>();
        map.forEachEntry((tensor, file) -> {
            if (!file.isTextual() || file.textValue().isBlank()) {
                throw index.failure("weight_map." + tensor, "a file name", file);
            }
            files.put(tensor, file.textValue());
        });
        return files;
    }

    private void checkIndex(Path indexFile, Map<String, String> weightMap) {
        weightMap.forEach((tensor, file) -> {
            if (!tensors.containsKey(tensor)) {
                throw new CheckpointException(
                        indexFile + ": tensor " + tensor + " should be in " + file + ", which lacks it");
            }
            if (!sources.get(tensor).endsWith(file)) {
                throw new CheckpointException(indexFile + ": tensor " + tensor + " should be in " + file + ", found in "
                        + sources.get(tensor));
            }
        });
        Set<String> unlisted = new TreeSet<>(tensors.keySet());
        unlisted.removeAll(weightMap.keySet());
        if (!unlisted.isEmpty()) {
            throw new CheckpointException(
                    indexFile + ": the shards hold tensors that weight_map does not name: " + unlisted);
        }
    }

    private void add(Path file) {
        Safetensors opened = Safetensors.open(file);
        files.add(opened);
        opened.tensors().forEach((name, slice) -> {
            if (tensors.putIfAbsent(name, slice) != null) {
                throw new CheckpointException(file + ": tensor " + name + " is in " + sources.get(name) + " too");
            }
            sources.put(name, file.toString());
        });
    }

    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }
}

package io.lorikeet.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorikeet.engine.model.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.foreign.ValueLayout.OfLong;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The header of a safetensors file: eight bytes of length (little-endian), then JSON that gives each tensor's dtype, shape
 * and byte range in the rest of the file. Nothing here is believed before it is checked, since adapters come from outside.
 */
final class SafetensorsHeader {
    /** The reference implementation's bound. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final long dataStart;
    private final Map<String, String> metadata;
    private final List<Entry> entries;

    /** One tensor: where its bytes lie, counted from the end of the header. */
    private record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {}

    private SafetensorsHeader(long dataStart, Map<String, String> metadata, List<Entry> entries) {
        this.dataStart = dataStart;
        this.metadata = metadata;
        this.entries = entries;
    }

    static SafetensorsHeader parse(String source, MemorySegment file) {
        long headerBytes = headerLength(source, file);
        JsonNode json = readJson(source, file.asSlice(LENGTH_BYTES, headerBytes));
        long dataStart = LENGTH_BYTES + headerBytes;
        Map<String, String> metadata = new TreeMap<>();
        List<Entry> entries = new ArrayList<>();
        json.forEachEntry((name, value) -> {
            if (name.equals("__metadata__")) {
                metadata.putAll(metadata(source, value));
            } else {
                entries.add(entry(source, name, value));
            }
        });
        checkLayout(source, entries, file.byteSize() - dataStart);
        return new SafetensorsHeader(dataStart, Map.copyOf(metadata), entries);
    }

    Map<String, String> metadata() {
        return metadata;
    }

    SortedMap<String, TensorSlice> slices(MemorySegment file) {
        SortedMap<String, TensorSlice> slices = new TreeMap<>();
        for (Entry e : entries) {
            long[] shape = e.shape.stream().mapToLong(Long::longValue).toArray();
            MemorySegment bytes = file.asSlice(dataStart + e.begin, e.end - e.begin);
            slices.put(e.name, new TensorSlice(e.name, e.dtype, shape, bytes));
        }
        return slices;
    }

    private static long headerLength(String source, MemorySegment file) {
        if (file.byteSize() < LENGTH_BYTES) {
            throw new CheckpointException(source + ": truncated: expected at least " + LENGTH_BYTES
                    + " bytes of header length, found " + file.byteSize());
        }
        if (startsWith(file, "version https://git-lfs")) {
            throw new CheckpointException(
                    source + ": is a Git LFS pointer, not the file itself; fetch the file with `git lfs pull`");
        }
        long length = file.get(LENGTH, 0);
        if (length < 2 || length > MAX_HEADER_BYTES) {
            throw new CheckpointException(source + ": not a safetensors file: expected a header length between 2 and "
                    + MAX_HEADER_BYTES + ", found " + Long.toUnsignedString(length));
        }
        if (length > file.byteSize() - LENGTH_BYTES) {
            throw new CheckpointException(source + ": truncated: the header is " + length + " bytes long, but only "
                    + (file.byteSize() - LENGTH_BYTES) + " follow its length");
        }
        return length;
    }

    private static boolean startsWith(MemorySegment file, String ascii) {
        byte[] expected = ascii.getBytes(StandardCharsets.US_ASCII);
        return file.byteSize() >= expected.length
                && file.asSlice(0, expected.length).mismatch(MemorySegment.ofArray(expected)) < 0;
    }

    private static JsonNode readJson(String source, MemorySegment header) {
        try {
            JsonNode json = JSON.readTree(header.toArray(ValueLayout.JAVA_BYTE));
            if (!json.isObject()) {
                throw new CheckpointException(source
                        + ": not a safetensors file: expected a JSON object as header, found " + json.getNodeType());
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new CheckpointException(source + ": the header is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(source + ": the header is not valid JSON: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> metadata(String source, JsonNode value) {
        Map<String, String> metadata = new TreeMap<>();
        if (!value.isObject()) {
            throw new CheckpointException(source + ": __metadata__: expected an object, found " + value);
        }
        value.forEachEntry((key, text) -> {
            if (!text.isTextual()) {
                throw new CheckpointException(source + ": __metadata__." + key + ": expected a string, found " + text);
            }
            metadata.put(key, text.textValue());
        });
        return metadata;
    }

    private static Entry entry(String source, String name, JsonNode value) {
        String where = source + ": tensor " + name;
        JsonNode dtypeName = value.path("dtype");
        DType dtype = DType.ofSafetensorsName(dtypeName.asText())
                .orElseThrow(() -> new CheckpointException(
                        where + ": expected a dtype of " + List.of(DType.values()) + ", found " + shown(dtypeName)));
        List<Long> shape = longs(where + ": shape", value.path("shape"));
        List<Long> offsets = longs(where + ": data_offsets", value.path("data_offsets"));
        if (offsets.size() != 2) {
            throw new CheckpointException(where + ": data_offsets: expected [begin, end], found " + offsets);
        }
        long begin = offsets.getFirst();
        long end = offsets.getLast();
        if (end < begin) {
            throw new CheckpointException(where + ": data_offsets: the end lies before the begin in " + offsets);
        }
        if (end - begin != byteSize(where, dtype, shape)) {
            throw new CheckpointException(where + ": " + dtype + shape + " takes " + byteSize(where, dtype, shape)
                    + " bytes, but data_offsets " + offsets + " span " + (end - begin));
        }
        return new Entry(name, dtype, shape, begin, end);
    }

    private static long byteSize(String where, DType dtype, List<Long> shape) {
        try {
            return shape.stream().reduce((long) dtype.byteSize(), Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw new CheckpointException(where + ": shape " + shape + " overflows", e);
        }
    }

    private static List<Long> longs(String where, JsonNode array) {
        List<Long> values = new ArrayList<>();
        if (!array.isArray()) {
            throw new CheckpointException(where + ": expected an array of whole numbers, found " + shown(array));
        }
        for (JsonNode number : array) {
            if (!number.canConvertToLong() || !number.isIntegralNumber() || number.longValue() < 0) {
                throw new CheckpointException(where + ": expected whole numbers from 0, found " + number);
            }
            values.add(number.longValue());
        }
        return List.copyOf(values);
    }

    private static String shown(JsonNode value) {
        return value.isMissingNode() ? "none" : value.toString();
    }

    /** The tensors must tile the data exactly: a hole hides bytes, an overlap lets one tensor change another. */
    private static void checkLayout(String source, List<Entry> entries, long dataBytes) {
        List<Entry> byOffset = new ArrayList<>(entries);
        byOffset.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long covered = 0;
        for (Entry e : byOffset) {
            if (e.end > dataBytes) {
                throw new CheckpointException(source + ": truncated: tensor " + e.name + " ends at byte " + e.end
                        + " of the data, but the file holds " + dataBytes);
            }
            if (e.begin != covered) {
                throw new CheckpointException(source + ": tensor " + e.name + ": expected to begin at byte " + covered
                        + " of the data, where the one before it ends, found " + e.begin
                        + (e.begin < covered ? " (they overlap)" : " (a hole)"));
            }
            covered = e.end;
        }
        if (covered != dataBytes) {
            throw new CheckpointException(
                    source + ": the tensors end at byte " + covered + " of the data, but the file holds " + dataBytes);
        }
    }
}

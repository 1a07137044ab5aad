package io.lorikeet.cli.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A topic in a file. The first line says which topic it is, each further one is a {@link DumpLine}, and the last one has
 * their number, so that a file that was cut off is told from a whole one. Offsets are not kept: compaction leaves gaps, and
 * a restored topic counts anew.
 */
final class DumpFile {
    private static final String FORMAT = "lorikeet topic dump 1";

    private DumpFile() {}

    /**
     * What a file has.
     *
     * @param partitions of the topic when it was dumped
     */
    record Contents(String topic, int partitions, long records) {}

    /** Takes what is in a dump, or is to be, one by one. */
    @FunctionalInterface
    interface Sink<T> {
        void take(T one) throws IOException;
    }

    /** Gives the records that are to be dumped, one by one. */
    @FunctionalInterface
    interface Source {
        void into(Sink<ConsumerRecord<byte[], byte[]>> sink) throws IOException;
    }

    /** Writes a dump, which is there whole or not at all; returns its records' number. */
    static long write(Path file, String topic, int partitions, Source records) throws IOException {
        Path target = file.toAbsolutePath();
        Path temporary = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".tmp");
        try {
            long[] count = {0};
            try (Writer out = Files.newBufferedWriter(temporary)) {
                var first = JsonNodeFactory.instance.objectNode();
                line(out, first.put("format", FORMAT).put("topic", topic).put("partitions", partitions));
                records.into(record -> {
                    line(out, DumpLine.of(record));
                    count[0]++;
                });
                line(out, JsonNodeFactory.instance.objectNode().put("records", count[0]));
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return count[0];
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void line(Writer out, JsonNode json) throws IOException {
        out.write(new String(Json.write(json), StandardCharsets.UTF_8));
        out.write('\n');
    }

    /**
     * Reads a dump from its first line to its last.
     *
     * @throws IOException naming the line, if the file is no whole dump
     */
    static Contents read(Path file, Sink<ProducerRecord<byte[], byte[]>> sink) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            JsonNode first = parse(file, 1, in.readLine());
            if (!first.path("format").asText().equals(FORMAT)
                    || !first.path("topic").isTextual()) {
                throw new IOException(
                        "%s:1: no dump of a topic; its first line has \"format\": \"%s\"".formatted(file, FORMAT));
            }
            String topic = first.get("topic").textValue();
            int partitions = first.path("partitions").asInt();
            long records = 0;
            for (long number = 2; ; number++) {
                JsonNode json = parse(file, number, in.readLine());
                if (json.has("records")) {
                    if (json.path("records").asLong() != records || in.readLine() != null) {
                        throw new IOException("%s:%d: the dump is not whole: it says %s records and has %d"
                                .formatted(file, number, json.get("records"), records));
                    }
                    return new Contents(topic, partitions, records);
                }
                try {
                    ProducerRecord<byte[], byte[]> dumped = DumpLine.read(topic, json);
                    if (dumped.partition() >= partitions) {
                        throw new IOException("partition " + dumped.partition() + " of " + partitions);
                    }
                    sink.take(dumped);
                } catch (IOException | IllegalArgumentException e) {
                    throw new IOException("%s:%d: %s".formatted(file, number, e.getMessage()), e);
                }
                records++;
            }
        }
    }

    private static JsonNode parse(Path file, long number, String line) throws IOException {
        if (line == null) {
            throw new IOException("%s:%d: the dump is not whole: its last line, with the number of records, is missing"
                    .formatted(file, number));
        }
        try {
            return Json.parse(line.getBytes(StandardCharsets.UTF_8), "line");
        } catch (ContractException e) {
            throw new IOException("%s:%d: %s".formatted(file, number, e.getMessage()), e);
        }
    }
}

package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rows of local files, on their way into the command itself. */
final class InlineRows {
    private static final String OTHERWISE =
            "copy it into the data root of its trainer (LORIKEET_DATA_ROOT) and name it as it" + " lies there";

    private final List<JsonNode> rows = new ArrayList<>();
    private final List<String> files = new ArrayList<>();

    private InlineRows() {}

    /** Begins with those that the command has. */
    static InlineRows of(ObjectNode command) {
        var inline = new InlineRows();
        command.path("rows").forEach(inline.rows::add);
        return inline;
    }

    void add(JobFile.Dataset dataset) {
        String name = dataset.local().getFileName().toString().toLowerCase(Locale.ROOT);
        boolean lines = name.endsWith(".jsonl") || name.endsWith(".ndjson");
        if (!dataset.field().equals("dataset") || !dataset.count().isEmpty() || !(lines || name.endsWith(".json"))) {
            throw new CliException(
                    ("%s lies on this machine, and the gateway perhaps does not. Only rows of the dataset's JSON"
                                    + " files travel with a command, whole; for %s, %s.")
                            .formatted(dataset.local(), dataset.text(), OTHERWISE));
        }
        try {
            String text = Files.readString(dataset.local());
            if (lines) {
                text.lines().filter(line -> !line.isBlank()).forEach(line -> rows.add(parse(line, dataset)));
            } else {
                parse(text, dataset).forEach(rows::add);
            }
            files.add(dataset.local().toString());
        } catch (IOException e) {
            throw new CliException("Cannot read " + dataset.local() + ": " + e, e);
        }
    }

    private static JsonNode parse(String text, JobFile.Dataset dataset) {
        try {
            return Json.parse(
                    text.getBytes(StandardCharsets.UTF_8), dataset.local().toString());
        } catch (ContractException e) {
            throw new CliException(e.getMessage(), e);
        }
    }

    /** The command with the rows. */
    byte[] into(ObjectNode command) {
        if (files.isEmpty()) {
            return Json.write(command);
        }
        ArrayNode all = command.putArray("rows");
        rows.forEach(all::add);
        byte[] bytes = Json.write(command);
        if (bytes.length > Topics.MAX_COMMAND_BYTES) {
            throw new CliException(
                    "The command with the rows of %s has %,d bytes, and %,d is the most. If the gateway is of"
                                    .formatted(String.join(", ", files), bytes.length, Topics.MAX_COMMAND_BYTES)
                            + " another machine, " + OTHERWISE + ".");
        }
        return bytes;
    }
}

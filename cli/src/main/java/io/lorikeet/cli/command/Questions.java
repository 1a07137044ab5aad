package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.contracts.AcceptanceQuestion;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.Problem;
import io.lorikeet.contracts.shape.RecordReader;
import io.lorikeet.contracts.shape.RecordShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Acceptance questions in a file: a list of them, or a training command that has some. */
final class Questions {
    private static final RecordShape<AcceptanceQuestion> SHAPE = RecordShape.of(AcceptanceQuestion.class);

    private Questions() {}

    static List<AcceptanceQuestion> read(Path file) {
        try {
            JsonNode json = Json.parse(Files.readAllBytes(file), file.toString());
            JsonNode list = json.isObject() ? json.path("acceptance") : json;
            if (!list.isArray() || list.isEmpty()) {
                throw new ContractException(
                        file.toString(),
                        new Problem("", "has no questions", "a list of them, or a training command with acceptance"));
            }
            return list.valueStream().map(question -> read(question, file)).toList();
        } catch (NoSuchFileException e) {
            throw new CliException("Cannot read the questions " + file + ": there is no such file.", e);
        } catch (IOException e) {
            throw new CliException("Cannot read the questions " + file + ": " + e, e);
        } catch (ContractException e) {
            throw new CliException(e.getMessage(), e);
        }
    }

    /** As strict as a training command: a misspelt rule must not let every answer pass. */
    private static AcceptanceQuestion read(JsonNode question, Path file) {
        if (!(question instanceof ObjectNode fields)) {
            throw new ContractException(
                    file.toString(), new Problem("", "holds something that is no question", "objects with a question"));
        }
        return new RecordReader(file.toString()).read(SHAPE, fields, Set.of());
    }
}

package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A training command in a file. The trainer looks for relative dataset paths in the project; those that lie beside the
 * file, or in the working directory, instead are made absolute here, so that a job can be run from anywhere.
 */
final class JobFile {

    private final Path file;
    private final ObjectNode command;

    private JobFile(Path file, ObjectNode command) {
        this.file = file;
        this.command = command;
    }

    static JobFile read(Path file) {
        try {
            JsonNode json = Json.parse(Files.readAllBytes(file), file.toString());
            if (!(json instanceof ObjectNode command)) {
                throw new CliException(file + " holds no JSON object, so it is no training command.");
            }
            JobFile job = new JobFile(file, command);
            job.findDatasets("dataset");
            job.findDatasets("val_dataset");
            return job;
        } catch (IOException e) {
            throw new CliException("Cannot read the job " + file + ": " + reason(e), e);
        } catch (ContractException e) {
            throw new CliException(e.getMessage(), e);
        }
    }

    /** The name that will serve what it trains. */
    String adapter() {
        return command.path("adapter").asText("");
    }

    String jobId() {
        return command.path("job_id").asText("");
    }

    JobFile withJobId(String jobId) {
        command.put("job_id", jobId);
        return this;
    }

    byte[] bytes() {
        return Json.write(command);
    }

    private void findDatasets(String field) {
        if (!(command.get(field) instanceof ArrayNode datasets)) {
            return;
        }
        for (int i = 0; i < datasets.size(); i++) {
            if (datasets.get(i) instanceof TextNode dataset) {
                datasets.set(i, find(dataset.asText()));
            }
        }
    }

    /** What the trainer finds by itself, or nobody finds, stays as it is written. */
    private String find(String dataset) {
        int mark = dataset.lastIndexOf('#');
        String path = mark < 0 ? dataset : dataset.substring(0, mark);
        String count = mark < 0 ? "" : dataset.substring(mark);
        if (Files.exists(ProjectHome.current().root().resolve(path))) {
            return dataset;
        }
        for (Path from :
                new Path[] {file.toAbsolutePath().getParent(), Path.of("").toAbsolutePath()}) {
            Path found = from.resolve(path).normalize();
            if (Files.exists(found)) {
                return found + count;
            }
        }
        return dataset;
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException ? "there is no such file." : e.toString();
    }
}

package io.lorikeet.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A training command in a file. Its datasets are looked for in the project, beside the file and in the working directory, so
 * that a job can be run from anywhere; a trainer reads nothing but its data root, so the command takes them there.
 */
final class JobFile {
    private static final List<String> DATASETS = List.of("dataset", "val_dataset");

    private final Path file;
    private final ProjectHome home;
    private final ObjectNode command;

    private JobFile(Path file, ProjectHome home, ObjectNode command) {
        this.file = file;
        this.home = home;
        this.command = command;
    }

    static JobFile read(Path file) {
        return read(file, ProjectHome.current());
    }

    static JobFile read(Path file, ProjectHome home) {
        try {
            JsonNode json = Json.parse(Files.readAllBytes(file), file.toString());
            if (!(json instanceof ObjectNode command)) {
                throw new CliException(file + " holds no JSON object, so it is no training command.");
            }
            return new JobFile(file, home, withoutSayingSo(command));
        } catch (IOException e) {
            throw new CliException("Cannot read the job " + file + ": " + reason(e), e);
        } catch (ContractException e) {
            throw new CliException(e.getMessage(), e);
        }
    }

    /** What may be left out, for the gateway as for the tools that know no gateway. */
    private static ObjectNode withoutSayingSo(ObjectNode command) {
        if (!command.has("type")) {
            command.put("type", "train");
        }
        if (!command.has("job_id")) {
            command.put("job_id", "job-" + UUID.randomUUID());
        }
        return command;
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

    /** What it would do, and no training; the real one may follow under the same job id. */
    JobFile withDryRun() {
        command.put("dry_run", true);
        return this;
    }

    /** The command for a process of this user that reads what he may read. */
    byte[] forTool() {
        return Json.write(renamed(dataset -> inProject(dataset) ? dataset.text() : dataset.named(dataset.local())));
    }

    /** The command for the stack on this machine, its files copied to where the trainer reads them. */
    byte[] forStack(Path dataRoot) {
        return Json.write(renamed(dataset -> dataset.named(DataFolder.copy(dataset.local(), dataRoot))));
    }

    /**
     * The command for a gateway that may be anywhere. What lies in the project is expected to lie in its trainer's data root,
     * too; the rows of other files go into the command.
     */
    byte[] forGateway() {
        var rows = InlineRows.of(command);
        ObjectNode inlined = renamed(dataset -> {
            if (inProject(dataset)) {
                return dataset.text();
            }
            rows.add(dataset);
            return null;
        });
        return rows.into(inlined);
    }

    /** The command with other names for the datasets that are here; what nobody finds stays as it is written. */
    private ObjectNode renamed(Function<Dataset, String> naming) {
        ObjectNode renamed = command.deepCopy();
        for (String field : DATASETS) {
            if (command.get(field) instanceof ArrayNode entries) {
                ArrayNode names = renamed.putArray(field);
                for (JsonNode entry : entries) {
                    Optional<Dataset> found = entry.isTextual() ? find(field, entry.asText()) : Optional.empty();
                    if (found.isEmpty()) {
                        names.add(entry);
                    } else {
                        Optional.ofNullable(naming.apply(found.get())).ifPresent(names::add);
                    }
                }
            }
        }
        return renamed;
    }

    private Optional<Dataset> find(String field, String text) {
        int mark = text.lastIndexOf('#');
        String path = mark < 0 ? text : text.substring(0, mark);
        String count = mark < 0 ? "" : text.substring(mark);
        return Stream.of(
                        home.root(),
                        file.toAbsolutePath().getParent(),
                        Path.of("").toAbsolutePath())
                .map(from -> from.resolve(path).normalize())
                .filter(Files::isRegularFile)
                .findFirst()
                .map(local -> new Dataset(field, text, local, count));
    }

    private boolean inProject(Dataset dataset) {
        return dataset.local().startsWith(home.root())
                && !Path.of(dataset.text()).isAbsolute();
    }

    /**
     * A file that the job names and that is here.
     *
     * @param count {@code #N}, or nothing
     */
    record Dataset(String field, String text, Path local, String count) {
        String named(Object path) {
            return path + count;
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException ? "there is no such file." : e.toString();
    }
}

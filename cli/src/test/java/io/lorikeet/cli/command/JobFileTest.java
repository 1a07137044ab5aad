package io.lorikeet.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project with a dataset, and a job elsewhere with datasets beside it. */
class JobFileTest {
    @TempDir
    Path folder;

    private Path project;
    private Path mine;

    @BeforeEach
    void plant() throws IOException {
        project = Files.createDirectories(folder.resolve("project"));
        Files.createDirectories(project.resolve("examples"));
        Files.writeString(project.resolve("examples/p.json"), "[{\"query\": \"p\", \"response\": \"p\"}]");
        mine = Files.createDirectories(folder.resolve("home/x"));
        Files.writeString(mine.resolve("a.json"), "[{\"query\": \"你\", \"response\": \"1\"}]");
        Files.writeString(
                mine.resolve("b.jsonl"),
                "{\"query\": \"b\", \"response\": \"2\"}\n\n{\"query\": \"b\", \"response\": \"3\"}\n");
        Files.writeString(mine.resolve("c.csv"), "query,response\nc,4\n");
    }

    private JobFile job(String json) throws IOException {
        return JobFile.read(Files.writeString(mine.resolve("job.json"), json), new ProjectHome(project));
    }

    private static JsonNode read(byte[] command) {
        return Json.parse(command, "command");
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asText).toList();
    }

    @Test
    void isACommandWithoutSayingSo() throws IOException {
        for (byte[] command : List.of(
                job("{\"adapter\": \"a\"}").forTool(),
                job("{\"adapter\": \"a\"}").forGateway())) {
            assertThat(read(command).path("type").asText()).isEqualTo("train");
            assertThat(read(command).path("job_id").asText()).startsWith("job-");
        }
        assertThat(read(job("{\"type\": \"train\", \"job_id\": \"mine\"}").forTool())
                        .path("job_id")
                        .asText())
                .isEqualTo("mine");
    }

    @Test
    void isADryRunIfThatIsAskedFor() throws IOException {
        assertThat(read(job("{\"adapter\": \"a\"}").forGateway()).has("dry_run"))
                .isFalse();
        assertThat(read(job("{\"adapter\": \"a\", \"dry_run\": false}")
                                .withDryRun()
                                .forGateway())
                        .path("dry_run")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void copiesWhatItNamesToTheStacksDataRoot() throws IOException {
        Path data = folder.resolve("state/data");
        String json =
                "{\"dataset\": [\"a.json\", \"c.csv#5\", \"examples/p.json\", \"none.json\"], \"val_dataset\": [\"%s\"]}"
                        .formatted(mine.resolve("a.json"));

        JsonNode command = read(job(json).forStack(data));
        job(json).forStack(data);

        List<String> names = texts(command.get("dataset"));
        assertThat(names.get(0)).matches("[0-9a-f]{16}/a\\.json");
        assertThat(data.resolve(names.get(0))).hasSameBinaryContentAs(mine.resolve("a.json"));
        assertThat(names.get(1)).matches("[0-9a-f]{16}/c\\.csv#5");
        assertThat(data.resolve(names.get(2))).hasSameBinaryContentAs(project.resolve("examples/p.json"));
        assertThat(names.get(3)).isEqualTo("none.json");
        assertThat(texts(command.get("val_dataset"))).containsExactly(names.get(0));
        try (Stream<Path> copies = Files.walk(data)) {
            assertThat(copies.filter(Files::isRegularFile))
                    .as("one copy of each")
                    .hasSize(3);
        }
    }

    @Test
    void putsTheRowsOfOtherFilesIntoTheCommandForAnyGateway() throws IOException {
        JsonNode command = read(
                job("{\"dataset\": [\"a.json\", \"examples/p.json#7\", \"b.jsonl\", \"theirs.csv\"], \"rows\": [{\"query\": \"r\"}]}")
                        .forGateway());

        assertThat(texts(command.get("dataset"))).containsExactly("examples/p.json#7", "theirs.csv");
        assertThat(command.get("rows").valueStream().map(row -> row.get("query").asText()))
                .containsExactly("r", "你", "b", "b");
    }

    @Test
    void saysWhatDoesNotTravelAndWhereToPutIt() throws IOException {
        for (String json : List.of(
                "{\"dataset\": [\"c.csv\"]}", "{\"dataset\": [\"a.json#5\"]}", "{\"val_dataset\": [\"a.json\"]}")) {
            JobFile job = job(json);

            assertThatThrownBy(job::forGateway)
                    .isInstanceOf(CliException.class)
                    .hasMessageContaining("copy it into the data root of its trainer (LORIKEET_DATA_ROOT)");
        }
        Files.writeString(mine.resolve("big.json"), "[{\"query\": \"%s\"}]".formatted("x".repeat(1 << 20)));

        assertThatThrownBy(job("{\"dataset\": [\"big.json\"]}")::forGateway)
                .hasMessageContaining("1,032,192 is the most")
                .hasMessageContaining("big.json");
    }

    @Test
    void aToolOfTheSameUserReadsTheFilesWhereTheyLie() throws IOException {
        JsonNode command = read(job("{\"dataset\": [\"a.json#2\", \"examples/p.json\", \"none.json\"]}")
                .forTool());

        assertThat(texts(command.get("dataset")))
                .containsExactly(mine.resolve("a.json") + "#2", "examples/p.json", "none.json");
        assertThat(command.has("val_dataset")).isFalse();
    }
}

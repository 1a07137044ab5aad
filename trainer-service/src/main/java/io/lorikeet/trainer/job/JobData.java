package io.lorikeet.trainer.job;

import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a job is trained on, in {@code data.json} of its folder, from the first try that could read it. A job id names a
 * command and its data: a later try, or the same command handed in again, must find the same.
 */
final class JobData {
    private static final String FILE = "data.json";

    private record Kept(List<DatasetFile> dataset) {}

    private final Path file;

    JobData(Path jobFolder) {
        this.file = jobFolder.resolve(FILE);
    }

    /** Keeps what the first try read. */
    void keep(List<DatasetFile> read) throws IOException {
        if (!Files.exists(file)) {
            DurableFiles.write(file, Json.write(new Kept(read)));
        }
    }

    /** Why the data is not that of the first try; empty if it is, or is not there any more, or there was no such try. */
    Optional<String> changed(TrainCommand command, DatasetLoader loader) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Map<String, String> first = Json.read(Files.readAllBytes(file), Kept.class).dataset().stream()
                .collect(Collectors.toMap(DatasetFile::path, DatasetFile::sha256, (one, _) -> one));
        List<String> entries = Stream.concat(
                        command.dataset().stream(), command.settings().data().valDataset().stream())
                .toList();
        return loader.digests(entries).stream()
                .filter(now -> !now.sha256().equals(first.getOrDefault(now.path(), now.sha256())))
                .map(now ->
                        "dataset '%s' has changed since job '%s' began (SHA-256 %.12s… then, %.12s… now); a job id names a command and its data, take a new one"
                                .formatted(now.path(), command.jobId(), first.get(now.path()), now.sha256()))
                .findFirst();
    }
}

package io.lorikeet.trainer.output;

import io.lorikeet.store.Trash;
import io.lorikeet.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The folder of one run, {@code v{N}-yyyyMMdd-HHmmss}: {@code args.json}, {@code logging.jsonl} and {@code
 * checkpoint-{step}} folders, each of them whole.
 */
public final class RunFolder {
    private static final Pattern VERSION = Pattern.compile("v(\\d+)-\\d{8}-\\d{6}");
    private static final Pattern CHECKPOINT = Pattern.compile("checkpoint-(\\d+)");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    /** A whole checkpoint. */
    public record Checkpoint(int step, Path path) {
        public String name() {
            return path.getFileName().toString();
        }
    }

    private final Path path;

    private RunFolder(Path path) {
        this.path = path;
    }

    /** A new folder beside those of earlier runs. */
    public static RunFolder create(Path outputDir) throws IOException {
        Files.createDirectories(outputDir);
        int next = 0;
        for (Path other : DurableFiles.list(outputDir)) {
            var version = VERSION.matcher(other.getFileName().toString());
            if (version.matches()) {
                next = Math.max(next, Integer.parseInt(version.group(1)) + 1);
            }
        }
        Path folder =
                outputDir.resolve("v%d-%s".formatted(next, TIME.format(LocalDateTime.now(ZoneId.systemDefault()))));
        Files.createDirectory(folder);
        return new RunFolder(folder);
    }

    /** Stands for the folder of a run that writes nothing, a dry run. */
    public static RunFolder unwritten(Path outputDir) {
        return new RunFolder(outputDir);
    }

    /** The folder of a run that was interrupted. */
    public static RunFolder reopen(Path folder) {
        return new RunFolder(folder);
    }

    /** The runs' folders in a folder that {@link #create} was given. */
    public static List<Path> beneath(Path outputDir) throws IOException {
        return DurableFiles.list(outputDir).stream()
                .filter(entry -> VERSION.matcher(entry.getFileName().toString()).matches())
                .toList();
    }

    public Path path() {
        return path;
    }

    public Path checkpoint(int step) {
        return path.resolve("checkpoint-" + step);
    }

    /** Whole checkpoints, the oldest first. What a crash left half written has another name. */
    public List<Checkpoint> checkpoints() throws IOException {
        var found = new ArrayList<Checkpoint>();
        for (Path entry : DurableFiles.list(path)) {
            var name = CHECKPOINT.matcher(entry.getFileName().toString());
            if (name.matches()) {
                found.add(new Checkpoint(Integer.parseInt(name.group(1)), entry));
            }
        }
        found.sort(Comparator.comparingInt(Checkpoint::step));
        return found;
    }

    public Optional<Checkpoint> latest() throws IOException {
        return checkpoints().reversed().stream().findFirst();
    }

    /** The best checkpoint and the last one, of which there may be fewer than two. */
    public List<Checkpoint> bestAndLast() throws IOException {
        Optional<Checkpoint> last = latest();
        if (last.isEmpty()) {
            return List.of();
        }
        String best = TrainerState.read(last.get().path()).bestModelCheckpoint();
        return checkpoints().stream()
                .filter(each -> each.equals(last.get()) || each.name().equals(best))
                .toList();
    }

    /** Keeps the best and the latest checkpoints, {@code limit} in all but never fewer than the best and the last. */
    void rotate(int limit, Optional<String> best) throws IOException {
        List<Checkpoint> all = checkpoints();
        int surplus = all.size() - limit;
        for (Checkpoint old : all.subList(0, Math.max(all.size() - 1, 0))) {
            if (surplus > 0 && !best.equals(Optional.of(old.name()))) {
                Trash.delete(old.path());
                surplus--;
            }
        }
    }
}

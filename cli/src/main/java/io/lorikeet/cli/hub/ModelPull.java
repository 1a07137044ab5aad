package io.lorikeet.cli.hub;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A base model from a hub into a folder: only what is loaded, every file checked by hash. It appears whole, by one move, with
 * a {@code SHA256SUMS} by which it can be checked again.
 */
public final class ModelPull {
    private static final Pattern MODEL = Pattern.compile("[\\w.-]+/[\\w.-]+");
    /** Beside the weights; files in folders are other formats of the same weights. */
    private static final Pattern WANTED = Pattern.compile(
            "[\\w.-]+\\.safetensors|model\\.safetensors\\.index\\.json|config\\.json|generation_config\\.json|tokenizer\\.json"
                    + "|tokenizer_config\\.json|special_tokens_map\\.json|added_tokens\\.json|vocab\\.json|merges\\.txt"
                    + "|chat_template\\.(jinja|json)|README\\.md|LICENSE[\\w.-]*|NOTICE[\\w.-]*");

    private static final List<Pattern> NEEDED = Stream.of("config\\.json", "tokenizer\\.json", ".*\\.safetensors")
            .map(Pattern::compile)
            .toList();
    private static final String SUMS = "SHA256SUMS";
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final Hub hub;
    private final URI endpoint;
    private final Map<String, String> environment;
    private final Duration pause;

    /**
     * A pull from this hub.
     *
     * @param endpoint empty: the environment's, or the hub's own
     * @param environment for tokens and mirrors
     * @param pause before a broken download is tried again
     */
    public ModelPull(Hub hub, Optional<URI> endpoint, Map<String, String> environment, Duration pause) {
        this.hub = hub;
        this.endpoint = endpoint.orElseGet(() -> hub.endpoint(environment));
        this.environment = environment;
        this.pause = pause;
    }

    /** What a pull tells meanwhile. */
    public interface Listener {
        /** So many files and bytes are still to come. */
        void begins(int files, long bytes);

        /** So many bytes came. */
        void received(long bytes);
    }

    /**
     * Brings a model to {@code models/NAME}.
     *
     * @param model {@code ORG/NAME}
     * @param revision empty: the hub's main branch
     * @return its folder
     */
    public Path pull(String model, Optional<String> revision, Path models, Listener listener) {
        if (!MODEL.matcher(model).matches()) {
            throw new CliException(
                    "'" + model + "' is no model of a hub; they are called ORG/NAME, as Qwen/Qwen2.5-7B-Instruct.");
        }
        Path folder = models.resolve(model.substring(model.indexOf('/') + 1));
        if (Files.exists(folder)) {
            throw new CliException(folder + " is there already; (cd " + folder + " && sha256sum -c " + SUMS
                    + ") checks it. To have it anew, delete it first.");
        }
        var http = new HubHttp(endpoint, hub.token(environment));
        try {
            List<HubFile> files =
                    wanted(model, hub.list(endpoint, model, revision.orElse(hub.defaultRevision()), http));
            Path partial = Files.createDirectories(models.resolve("." + folder.getFileName() + ".part"));
            long missing = 0;
            for (HubFile file : files) {
                Path there = partial.resolve(file.name());
                missing += file.size() - (Files.exists(there) ? Math.min(Files.size(there), file.size()) : 0);
            }
            long room = Files.getFileStore(partial).getUsableSpace();
            if (missing > room) {
                throw new CliException(
                        "%s has room for %,d bytes, and %,d are to come.".formatted(models, room, missing));
            }
            listener.begins(files.size(), missing);
            var download = new Download(http, listener::received, pause, SILENCE);
            var sums = new StringBuilder();
            for (HubFile file : files) {
                download.bring(file, partial.resolve(file.name()));
                sums.append("%s  %s\n".formatted(HubFile.sha256(partial.resolve(file.name())), file.name()));
            }
            Files.writeString(partial.resolve(SUMS), sums);
            return Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CliException("%s cannot be brought from %s: %s".formatted(model, endpoint, e), e);
        }
    }

    private static List<HubFile> wanted(String model, List<HubFile> all) {
        List<HubFile> wanted = all.stream()
                .filter(file -> WANTED.matcher(file.name()).matches())
                .toList();
        for (Pattern needed : NEEDED) {
            if (wanted.stream().noneMatch(file -> needed.matcher(file.name()).matches())) {
                throw new CliException("%s has no file %s, so it cannot be loaded here.".formatted(model, needed));
            }
        }
        return wanted;
    }
}

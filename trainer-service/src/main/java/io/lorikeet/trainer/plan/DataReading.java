package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.contracts.Json;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.DataSettings;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.trainer.dataset.ConversationEncoder;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.dataset.RowCache;
import io.lorikeet.trainer.dataset.Tokenising;
import io.lorikeet.trainer.plan.TokenisedData.Facts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Reads and tokenises a job's data, or finds that this was done before. */
final class DataReading {
    private static final Logger LOG = Logger.getLogger(DataReading.class);
    private static final long SAY_AFTER_NANOS = 10_000_000_000L;

    private final RunSetup setup;
    private final TrainCommand command;
    private final Qwen2Tokenizer tokenizer;
    private final int maxLength;
    private final DatasetLoader loader;
    private long said = System.nanoTime();
    private int rows;

    /**
     * @param maxLength tokens of a row
     * @param alive called now and then
     */
    DataReading(RunSetup setup, Qwen2Tokenizer tokenizer, int maxLength, Runnable alive) {
        this.setup = setup;
        this.command = setup.command();
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.loader = new DatasetLoader(setup.roots().data(), alive);
    }

    TokenisedData data() throws IOException {
        if (!setup.cache().keepsAnything()) {
            return read(Optional.empty());
        }
        List<DatasetFile> files = loader.digests(
                Stream.concat(command.dataset().stream(), command.settings().data().valDataset().stream())
                        .toList());
        String key = DataKey.of(command, setup.model(), maxLength, files);
        Optional<RowCache.Entry> entry = setup.cache().find(key);
        if (entry.isPresent()) {
            try {
                var facts = Json.read(entry.get().facts(), Facts.class);
                LOG.infof("Rows that were tokenised before are used, %s", key);
                return new TokenisedData(entry.get().rows(), facts);
            } catch (ContractException e) {
                LOG.warnf("Tokenised rows %s cannot be used and are made anew: %s", key, e.getMessage());
            }
        }
        return read(Optional.of(new Key(key, files)));
    }

    private record Key(String name, List<DatasetFile> files) {}

    private TokenisedData read(Optional<Key> key) throws IOException {
        DataSettings settings = command.settings().data();
        var encoder = new ConversationEncoder(tokenizer, settings, maxLength);
        var identity = new IdentityCheck(command.acceptance());
        try (RowCache.Draft draft = setup.cache().draft(scratch());
                var tokenising = new Tokenising(encoder, threads(), draft)) {
            DatasetLoader.Read read = loader.read(request(), row -> {
                identity.read(row);
                tokenising.add(row);
                say();
            });
            Tokenising.Tokenised all = tokenising.finish();
            var facts = new Facts(read, all.dropped(), identity.found(), all.sha256(read.trainingRows()));
            // a file that was changed meanwhile is not the one that the key names
            key.filter(known -> known.files().equals(read.files()))
                    .ifPresent(known -> draft.keep(known.name(), Json.write(facts)));
            return new TokenisedData(all.rows(), facts);
        }
    }

    /** A dry run may stand beside a training, which needs the processor more. */
    private int threads() {
        return command.dryRun() ? 1 : command.settings().data().dataloaderNumWorkers();
    }

    private void say() {
        rows++;
        long now = System.nanoTime();
        if (now - said > SAY_AFTER_NANOS) {
            said = now;
            LOG.infof("Reading the data: %d rows so far", rows);
        }
    }

    private DatasetLoader.Request request() {
        DataSettings settings = command.settings().data();
        return new DatasetLoader.Request(
                command.dataset(),
                command.rows(),
                settings.valDataset(),
                Optional.ofNullable(settings.modelName()),
                Optional.ofNullable(settings.modelAuthor()),
                settings.strict(),
                settings.columns());
    }

    /** A dry run has no folder of its own. */
    private Path scratch() {
        Path own = setup.folder().path();
        return Files.isDirectory(own) ? own : Path.of(System.getProperty("java.io.tmpdir"));
    }
}

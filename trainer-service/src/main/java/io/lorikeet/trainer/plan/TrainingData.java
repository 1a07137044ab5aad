package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.DataSettings;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.trainer.dataset.ConversationEncoder;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.dataset.Dropped;
import io.lorikeet.trainer.dataset.TokenisedRows;
import io.lorikeet.trainer.dataset.Tokenising;
import io.lorikeet.trainer.files.Root;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The rows of a run, tokenised.
 *
 * @param train rows to train on
 * @param validation rows to validate with, empty if there are none
 * @param dropped rows that are not trained on
 * @param forbiddenWords answers of the rows to train on with a word that the acceptance questions forbid
 * @param files where the rows come from
 * @param warnings what a person should know of the data
 * @param sha256 digest of the training rows' ids and labels and of their order
 */
public record TrainingData(
        TokenisedRows train,
        TokenisedRows validation,
        List<Dropped> dropped,
        List<ForbiddenWord> forbiddenWords,
        List<DatasetFile> files,
        List<String> warnings,
        String sha256) {
    private static final int NAMED = 20;

    /**
     * @param root where the command's paths lead
     * @param maxLength tokens of a row
     * @param scratch a folder with room for four bytes a token; nothing is left in it
     * @param alive called now and then while it reads and tokenises
     * @throws DatasetException if there is nothing to train on, or something is wrong with a row
     */
    static TrainingData load(
            TrainCommand command, Root root, Path scratch, Qwen2Tokenizer tokenizer, int maxLength, Runnable alive)
            throws IOException {
        DataSettings settings = command.settings().data();
        var encoder = new ConversationEncoder(tokenizer, settings, maxLength);
        var identity = new IdentityCheck(command.acceptance());
        DatasetLoader.Data data;
        Tokenising.Tokenised rows;
        try (var tokenising = new Tokenising(encoder, settings.dataloaderNumWorkers(), scratch)) {
            data = new DatasetLoader(root, alive).load(request(command), row -> {
                identity.read(row);
                tokenising.add(row);
            });
            rows = tokenising.finish();
        }
        var dropped = new ArrayList<Dropped>(data.dropped());
        TokenisedRows train = rows.select(data.train(), dropped);
        TokenisedRows validation = rows.select(data.validation(), dropped);
        if (train.isEmpty()) {
            throw new DatasetException(
                    "no row is left to train on; max_length is %d; %s".formatted(maxLength, describe(dropped)));
        }
        List<ForbiddenWord> forbidden = identity.forbidden(data.train());
        var warnings = new ArrayList<>(data.warnings());
        if (!dropped.isEmpty()) {
            warnings.add(describe(dropped));
        }
        warnings.addAll(identity.untaught(data.train()));
        forbidden.stream()
                .limit(NAMED)
                .map(word -> "acceptance: %s teaches '%s', which the answer to '%s' must not contain"
                        .formatted(word.row(), word.word(), word.question()))
                .forEach(warnings::add);
        return new TrainingData(
                train,
                validation,
                List.copyOf(dropped),
                forbidden,
                data.files(),
                List.copyOf(warnings),
                train.sha256());
    }

    private static DatasetLoader.Request request(TrainCommand command) {
        DataSettings settings = command.settings().data();
        return new DatasetLoader.Request(
                command.dataset(),
                command.rows(),
                settings.valDataset(),
                settings.splitDatasetRatio(),
                Optional.ofNullable(settings.modelName()),
                Optional.ofNullable(settings.modelAuthor()),
                settings.strict(),
                settings.columns(),
                command.settings().run().dataSeed());
    }

    /** Tokens of the longest row to train on. */
    public int longestRow() {
        return IntStream.range(0, train.size()).map(train::length).max().orElseThrow();
    }

    /** How many rows are not trained on, by the reason's name. */
    public Map<String, Integer> droppedByReason() {
        return dropped.stream()
                .collect(Collectors.toMap(
                        row -> row.reason().name().toLowerCase(Locale.ROOT), _ -> 1, Integer::sum, TreeMap::new));
    }

    /** The dropped rows, where they stand and why. */
    static String describe(List<Dropped> dropped) {
        String named = dropped.stream().limit(NAMED).map(Dropped::toString).collect(Collectors.joining(", "));
        String more = dropped.size() > NAMED ? " and " + (dropped.size() - NAMED) + " more" : "";
        return "%d rows dropped: %s%s".formatted(dropped.size(), named, more);
    }
}

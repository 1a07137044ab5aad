package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.dataset.Dropped;
import io.lorikeet.trainer.dataset.TokenisedRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
 * @param sha256 digest of the rows' ids, labels and weights that training rows were chosen from, and of the choice and its order
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
     * @param maxLength tokens of a row
     * @param alive called now and then while it reads and tokenises
     * @throws DatasetException if there is nothing to train on, or something is wrong with a row
     */
    static TrainingData load(RunSetup setup, Qwen2Tokenizer tokenizer, int maxLength, Runnable alive)
            throws IOException {
        TrainCommand command = setup.command();
        TokenisedData data = new DataReading(setup, tokenizer, maxLength, alive).data();
        TokenisedData.Facts facts = data.facts();
        DatasetLoader.Chosen chosen = facts.read()
                .choose(
                        command.settings().data().splitDatasetRatio(),
                        command.settings().run().dataSeed());
        var dropped = new ArrayList<Dropped>(facts.read().dropped());
        TokenisedRows train = data.select(chosen.train(), dropped);
        TokenisedRows validation = data.select(chosen.validation(), dropped);
        if (train.isEmpty()) {
            throw new DatasetException(
                    "no row is left to train on; max_length is %d; %s".formatted(maxLength, describe(dropped)));
        }
        List<ForbiddenWord> forbidden = facts.identity().forbidden(chosen.train());
        var warnings = new ArrayList<>(facts.read().warnings());
        if (!dropped.isEmpty()) {
            warnings.add(describe(dropped));
        }
        warnings.addAll(facts.identity().untaught(command.acceptance(), chosen.train()));
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
                facts.read().files(),
                List.copyOf(warnings),
                train.sha256OfOrder(facts.sha256()));
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

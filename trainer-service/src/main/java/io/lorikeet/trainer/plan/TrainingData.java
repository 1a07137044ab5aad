package io.lorikeet.trainer.plan;

import io.lorikeet.contracts.DryRunReport.ForbiddenWord;
import io.lorikeet.contracts.TrainCommand;
import io.lorikeet.contracts.settings.DataSettings;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.dataset.ConversationEncoder;
import io.lorikeet.trainer.dataset.DatasetException;
import io.lorikeet.trainer.dataset.DatasetLoader;
import io.lorikeet.trainer.files.Root;
import io.lorikeet.trainer.output.Checkpoints;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The rows of a run, tokenised.
 *
 * @param train rows to train on
 * @param validation rows to validate with, empty if there are none
 * @param dropped rows that are not trained on
 * @param forbiddenWords answers of the rows to train on with a word that the acceptance questions forbid
 * @param warnings what a person should know of the data
 * @param sha256 digest of the training rows' ids and labels, in order
 */
public record TrainingData(
        List<TrainingExample> train,
        List<TrainingExample> validation,
        List<ConversationEncoder.Dropped> dropped,
        List<ForbiddenWord> forbiddenWords,
        List<String> warnings,
        String sha256) {
    private static final int NAMED = 20;

    /**
     * @param files where the command's paths lead
     * @param maxLength tokens of a row
     * @throws DatasetException if there is nothing to train on, or something is wrong with a row
     */
    static TrainingData load(TrainCommand command, Root files, Qwen2Tokenizer tokenizer, int maxLength) {
        DataSettings settings = command.settings().data();
        DatasetLoader.Data data = new DatasetLoader(files)
                .load(new DatasetLoader.Request(
                        command.dataset(),
                        command.rows(),
                        settings.valDataset(),
                        settings.splitDatasetRatio(),
                        Optional.ofNullable(settings.modelName()),
                        Optional.ofNullable(settings.modelAuthor()),
                        command.settings().run().dataSeed()));
        var encoder = new ConversationEncoder(
                tokenizer.chatTemplate(),
                Optional.ofNullable(settings.system()),
                maxLength,
                settings.truncationStrategy(),
                settings.dataloaderNumWorkers());
        var dropped = new ArrayList<ConversationEncoder.Dropped>();
        List<TrainingExample> train = encoder.encode(data.train(), dropped);
        List<TrainingExample> validation = encoder.encode(data.validation(), dropped);
        if (train.isEmpty()) {
            throw new DatasetException(
                    "no row is left to train on; " + describe(dropped) + "; raise max_length, which is " + maxLength);
        }
        List<ForbiddenWord> forbidden = IdentityCheck.forbidden(command.acceptance(), data.train());
        var warnings = new ArrayList<>(data.unusedPlaceholders());
        if (!dropped.isEmpty()) {
            warnings.add(describe(dropped));
        }
        warnings.addAll(IdentityCheck.untaught(command.acceptance(), data.train()));
        forbidden.stream()
                .limit(NAMED)
                .map(word -> "acceptance: %s teaches '%s', which the answer to '%s' must not contain"
                        .formatted(word.row(), word.word(), word.question()))
                .forEach(warnings::add);
        return new TrainingData(
                train, validation, List.copyOf(dropped), forbidden, List.copyOf(warnings), digest(train));
    }

    /** Tokens of the longest row to train on. */
    public int longestRow() {
        return train.stream().mapToInt(TrainingExample::length).max().orElseThrow();
    }

    /** How many rows are not trained on, by the reason's name. */
    public Map<String, Integer> droppedByReason() {
        return dropped.stream()
                .collect(Collectors.toMap(
                        row -> row.reason().name().toLowerCase(Locale.ROOT), _ -> 1, Integer::sum, TreeMap::new));
    }

    /** The dropped rows, where they stand and why. */
    static String describe(List<ConversationEncoder.Dropped> dropped) {
        String named = dropped.stream()
                .limit(NAMED)
                .map(row -> "%s (%d tokens, %s)"
                        .formatted(row.source(), row.tokens(), row.reason().text()))
                .collect(Collectors.joining(", "));
        String more = dropped.size() > NAMED ? " and " + (dropped.size() - NAMED) + " more" : "";
        return "%d rows dropped: %s%s".formatted(dropped.size(), named, more);
    }

    private static String digest(List<TrainingExample> rows) {
        MessageDigest digest = Checkpoints.sha256();
        for (TrainingExample row : rows) {
            update(digest, row.inputIds());
            update(digest, row.labels());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * values.length).putInt(values.length);
        IntBuffer ints = bytes.asIntBuffer();
        ints.put(values);
        digest.update(bytes.rewind());
    }
}

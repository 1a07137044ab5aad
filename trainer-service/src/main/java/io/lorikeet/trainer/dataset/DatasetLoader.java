package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.trainer.files.Root;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads what a command names as its data: files and inline rows, sampled, concatenated, shuffled, and a validation part
 * split off.
 */
public final class DatasetLoader {

    /**
     * What to read.
     *
     * @param dataset files, each {@code path} or {@code path#N}
     * @param rows rows inside the command
     * @param valDataset files of the validation set
     * @param splitDatasetRatio share of each dataset that validates instead of training
     * @param modelName stands for <code>{{NAME}}</code>
     * @param modelAuthor stands for <code>{{AUTHOR}}</code>
     * @param dataSeed decides every random choice
     */
    public record Request(
            List<String> dataset,
            List<JsonNode> rows,
            List<String> valDataset,
            double splitDatasetRatio,
            Optional<String> modelName,
            Optional<String> modelAuthor,
            long dataSeed) {}

    /**
     * What was read.
     *
     * @param train rows to train on, in the order of the shuffle
     * @param validation rows to validate with
     * @param unusedPlaceholders settings that would fill a placeholder which no row has
     */
    public record Data(List<Conversation> train, List<Conversation> validation, List<String> unusedPlaceholders) {}

    private static final String INLINE = "rows";

    private final Root root;

    /**
     * A loader of local files.
     *
     * @param root where their names lead
     */
    public DatasetLoader(Root root) {
        this.root = root;
    }

    /**
     * Reads it all.
     *
     * @throws DatasetException with every problem found, each with file and line
     */
    public Data load(Request request) {
        var problems = new Problems();
        var fill = new Placeholders(request.modelName(), request.modelAuthor());
        List<Source> training = new ArrayList<>(files(request.dataset(), fill, problems));
        if (!request.rows().isEmpty()) {
            training.add(new Source(
                    conversations(inline(request.rows(), problems), fill, problems), DatasetRef.parse(INLINE)));
        }
        List<Source> validating = files(request.valDataset(), fill, problems);
        problems.throwIfAny();
        if (training.isEmpty()) {
            throw new DatasetException("the job names no data: dataset and rows are both empty");
        }
        Stream.concat(training.stream(), validating.stream()).forEach(Source::refuseEmpty);

        // sample and split each dataset, concatenate, shuffle
        var train = new ArrayList<Conversation>();
        var validation = new ArrayList<Conversation>();
        long stream = 0;
        for (Source source : training) {
            source.sample(request.splitDatasetRatio(), request.dataSeed(), ++stream, train, validation);
        }
        for (Source source : validating) {
            source.sample(0, request.dataSeed(), ++stream, validation, validation);
        }
        return new Data(Sampling.shuffled(train, request.dataSeed(), 0), validation, fill.unused());
    }

    private List<Source> files(List<String> entries, Placeholders fill, Problems problems) {
        var sources = new ArrayList<Source>();
        for (String entry : entries) {
            try {
                DatasetRef ref = DatasetRef.parse(entry);
                Path file = root.find(ref.path())
                        .orElseThrow(() -> new DatasetException("dataset " + root.missing(ref.path())));
                List<RawRow> rows = RowFile.read(file, ref.path(), problems);
                sources.add(new Source(conversations(rows, fill, problems), ref));
            } catch (DatasetException e) {
                problems.add(e.getMessage());
            }
        }
        return sources;
    }

    private static List<RawRow> inline(List<JsonNode> rows, Problems problems) {
        var raw = new ArrayList<RawRow>();
        for (int i = 0; i < rows.size(); i++) {
            JsonRows.row(rows.get(i), new RowSource(INLINE, i + 1), raw::add, problems);
        }
        return raw;
    }

    private static List<Conversation> conversations(List<RawRow> rows, Placeholders fill, Problems problems) {
        var conversations = new ArrayList<Conversation>(rows.size());
        for (RawRow row : rows) {
            try {
                conversations.add(fill.fill(RowForms.conversation(row)));
            } catch (RowException e) {
                problems.add(row.source(), e.getMessage());
            }
        }
        return conversations;
    }

    private record Source(List<Conversation> rows, DatasetRef ref) {

        void refuseEmpty() {
            if (rows.isEmpty()) {
                throw new DatasetException("dataset '%s' has no rows".formatted(ref.path()));
            }
        }

        void sample(
                double validationShare,
                long seed,
                long stream,
                List<Conversation> train,
                List<Conversation> validation) {
            int wanted = ref.count().orElse(rows.size());
            if (validationShare == 0) {
                train.addAll(ref.count().isPresent() ? Sampling.take(rows, wanted, seed, stream) : rows);
                return;
            }
            // a row that validates must not be trained on, however often rows are repeated
            int validating =
                    Math.min(Math.max((int) (Math.min(wanted, rows.size()) * validationShare), 1), rows.size() - 1);
            List<Conversation> order = Sampling.shuffled(rows, seed, stream);
            validation.addAll(order.subList(0, validating));
            train.addAll(Sampling.take(
                    order.subList(validating, order.size()), Math.max(wanted - validating, 1), seed, -stream));
        }
    }
}

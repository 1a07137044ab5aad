package io.lorikeet.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.trainer.files.Root;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
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
     * @param modelName stands for <code>{{NAME}}</code>
     * @param modelAuthor stands for <code>{{AUTHOR}}</code>
     * @param strict whether a row that cannot be trained on is refused and not left out
     * @param columns what keys of the rows are to be called
     */
    public record Request(
            List<String> dataset,
            List<JsonNode> rows,
            List<String> valDataset,
            Optional<String> modelName,
            Optional<String> modelAuthor,
            boolean strict,
            Map<String, String> columns) {}

    /**
     * What was read. Rows are numbered from 0, as they were given to the loader's caller: first those to train on.
     *
     * @param training where rows to train on come from
     * @param validating where rows to validate with come from
     * @param dropped rows that cannot be trained on
     * @param files where the rows come from
     * @param warnings what a person should know of the rows
     */
    public record Read(
            List<Source> training,
            List<Source> validating,
            List<Dropped> dropped,
            List<DatasetFile> files,
            List<String> warnings) {

        /** How many rows are those of {@link #training}, which come first. */
        public int trainingRows() {
            return training.getLast().end();
        }

        /**
         * Samples and splits each source, concatenates and shuffles them.
         *
         * @param splitDatasetRatio share of each dataset that validates instead of training
         * @param dataSeed decides every random choice
         */
        public Chosen choose(double splitDatasetRatio, long dataSeed) {
            var train = IntStream.builder();
            var validation = IntStream.builder();
            long stream = 0;
            for (Source source : training) {
                source.sample(splitDatasetRatio, dataSeed, ++stream, train, validation);
            }
            for (Source source : validating) {
                source.sample(0, dataSeed, ++stream, validation, validation);
            }
            return new Chosen(
                    Sampling.shuffled(train.build().toArray(), dataSeed, 0),
                    validation.build().toArray());
        }
    }

    /**
     * Numbers of rows.
     *
     * @param train rows to train on, in the order of the shuffle; a row may come several times
     * @param validation rows to validate with
     */
    @SuppressWarnings("ArrayRecordComponent") // numbers of millions of rows, read once and never compared
    public record Chosen(int[] train, int[] validation) {}

    private static final String INLINE = "rows";
    private static final int ROWS_A_SIGN = 1_000;

    private final Root root;
    private final Runnable alive;

    /**
     * A loader of local files.
     *
     * @param root where their names lead
     * @param alive called now and then while it reads
     */
    public DatasetLoader(Root root, Runnable alive) {
        this.root = root;
        this.alive = alive;
    }

    /**
     * Reads it all.
     *
     * @param rows receives each row that can be read, in order
     * @throws DatasetException with every problem found, each with file and line
     */
    public Read read(Request request, Consumer<DatasetRow> rows) {
        var reading = new Reading(request, rows);
        var training = new ArrayList<Source>();
        request.dataset().forEach(entry -> reading.file(entry).ifPresent(training::add));
        if (!request.rows().isEmpty()) {
            training.add(reading.inline(request.rows()));
        }
        var validating = new ArrayList<Source>();
        request.valDataset().forEach(entry -> reading.file(entry).ifPresent(validating::add));
        reading.problems.throwIfAny();
        if (training.isEmpty()) {
            throw new DatasetException("the job names no data: dataset and rows are both empty");
        }
        return new Read(
                training,
                validating,
                reading.dropped,
                reading.files.stream().distinct().toList(),
                reading.warnings());
    }

    /** The files of these entries as they are now, each once; those that are not there are left out. */
    public List<DatasetFile> digests(List<String> entries) {
        return entries.stream()
                .map(entry -> DatasetRef.parse(entry).path())
                .distinct()
                .map(path -> find(path).flatMap(file -> file.digest(alive)))
                .flatMap(Optional::stream)
                .toList();
    }

    /** The one place where a path of a command becomes a file. */
    private Optional<RowFile> find(String path) {
        return root.find(path).map(file -> new RowFile(file, path));
    }

    /** What is found while the sources are read, one after the other. */
    private final class Reading {
        private final boolean strict;
        private final Columns columns;
        private final Placeholders fill;
        private final Consumer<DatasetRow> next;
        private final LeftOver leftOver = new LeftOver();
        private final Problems problems = new Problems();
        private final List<Dropped> dropped = new ArrayList<>();
        private final List<DatasetFile> files = new ArrayList<>();
        private int read;

        Reading(Request request, Consumer<DatasetRow> next) {
            this.next = next;
            this.strict = request.strict();
            this.columns = new Columns(request.columns());
            this.fill = new Placeholders(request.modelName(), request.modelAuthor());
        }

        /** Empty if it cannot be read, which is a problem then. */
        Optional<Source> file(String entry) {
            try {
                DatasetRef ref = DatasetRef.parse(entry);
                RowFile file =
                        find(ref.path()).orElseThrow(() -> new DatasetException("dataset " + root.missing(ref.path())));
                var rows = new Rows();
                files.add(file.read(rows));
                return Optional.of(rows.close(ref));
            } catch (DatasetException e) {
                problems.add(e.getMessage());
                return Optional.empty();
            }
        }

        Source inline(List<JsonNode> all) {
            var rows = new Rows();
            for (int i = 0; i < all.size(); i++) {
                JsonRows.row(all.get(i), new RowSource(INLINE, i + 1), rows);
            }
            return rows.close(DatasetRef.parse(INLINE));
        }

        List<String> warnings() {
            return Stream.of(fill.unused().stream(), columns.unused().stream(), leftOver.described().stream())
                    .flatMap(lines -> lines)
                    .toList();
        }

        /** The rows of one source. */
        private final class Rows implements RowSink {
            private final int first = read;
            private final List<Dropped> malformed = new ArrayList<>();
            private int seen;

            @Override
            public void row(RowSource source, ObjectNode fields) {
                if (++seen % ROWS_A_SIGN == 0) {
                    alive.run();
                }
                try {
                    next.accept(fill.fill(RowForms.conversation(source, fields, columns, leftOver)));
                    read++;
                } catch (RowException e) {
                    malformed(source, e.getMessage());
                }
            }

            @Override
            public void malformed(RowSource source, String why) {
                malformed.add(Dropped.malformed(source, why));
            }

            @Override
            public void broken(String problem) {
                problems.add(problem);
            }

            /** Nothing more comes. Rows that are left out must leave some to train on. */
            Source close(DatasetRef ref) {
                boolean none = read == first;
                if (strict || none) {
                    malformed.forEach(row -> problems.add(row.source(), row.why()));
                } else {
                    dropped.addAll(malformed);
                }
                if (none && malformed.isEmpty() && problems.none()) {
                    throw new DatasetException("dataset '%s' has no rows".formatted(ref.path()));
                }
                return new Source(
                        first, read, ref.count().isPresent() ? ref.count().getAsInt() : null);
            }
        }
    }

    /**
     * A file, or the rows inside the command.
     *
     * @param first number of its first row
     * @param end number after that of its last
     * @param count how many of them to take; null takes each once
     */
    public record Source(int first, int end, Integer count) {

        void sample(
                double validationShare, long seed, long stream, IntStream.Builder train, IntStream.Builder validation) {
            int[] rows = IntStream.range(first, end).toArray();
            int wanted = count == null ? rows.length : count;
            if (validationShare == 0) {
                add(count == null ? rows : Sampling.take(rows, wanted, seed, stream), train);
                return;
            }
            // a row that validates must not be trained on, however often rows are repeated
            int validating =
                    Math.min(Math.max((int) (Math.min(wanted, rows.length) * validationShare), 1), rows.length - 1);
            int[] order = Sampling.shuffled(rows, seed, stream);
            add(Arrays.copyOf(order, validating), validation);
            int[] rest = Arrays.copyOfRange(order, validating, order.length);
            add(Sampling.take(rest, Math.max(wanted - validating, 1), seed, -stream), train);
        }

        private static void add(int[] rows, IntStream.Builder into) {
            for (int row : rows) {
                into.add(row);
            }
        }
    }
}

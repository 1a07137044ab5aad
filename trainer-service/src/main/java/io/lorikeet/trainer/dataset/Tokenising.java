package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.dataset.ConversationEncoder.Encoded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Tokenises conversations in threads beside the one that reads them. They are numbered from 0 in the order in which they come,
 * and never all in memory: a few chunks are under way, the rest is {@link TokenisedRows}.
 */
public final class Tokenising implements AutoCloseable {
    /** Rows that a thread takes at a time. */
    private static final int CHUNK = 256;
    /** Chunks under way for each thread. */
    private static final int AHEAD = 4;

    private static final TrainingExample NOTHING = new TrainingExample(new int[0], new int[0]);

    private final ConversationEncoder encoder;
    private final int underWay;
    private final ExecutorService workers;
    private final TokenisedRows.Writer rows;
    private final Map<Integer, Dropped> dropped = new HashMap<>();
    private final Deque<Future<List<Encoded>>> pending = new ArrayDeque<>();
    private List<DatasetRow> chunk = new ArrayList<>(CHUNK);
    private int taken;

    /**
     * Begins.
     *
     * @param threads that tokenise beside each other
     * @param rows where they go
     */
    public Tokenising(ConversationEncoder encoder, int threads, RowCache.Draft rows) {
        int workers = Math.max(1, threads);
        this.encoder = encoder;
        this.rows = rows.writer();
        this.underWay = workers * AHEAD;
        this.workers = Executors.newFixedThreadPool(
                workers, Thread.ofPlatform().name("tokeniser-", 0).daemon().factory());
    }

    /** The next one. */
    public void add(DatasetRow row) {
        chunk.add(row);
        if (chunk.size() == CHUNK) {
            submit();
            while (pending.size() > underWay) {
                take();
            }
        }
    }

    private void submit() {
        List<DatasetRow> full = chunk;
        chunk = new ArrayList<>(CHUNK);
        pending.add(workers.submit(() -> full.stream().map(encoder::encode).toList()));
    }

    private void take() {
        for (Encoded row : taken(pending.remove())) {
            switch (row) {
                case Encoded.Kept(TrainingExample example) -> keep(example);
                case Encoded.Left(Dropped why) -> {
                    dropped.put(taken, why);
                    keep(NOTHING);
                }
            }
            taken++;
        }
    }

    private void keep(TrainingExample example) {
        try {
            rows.add(example);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "tokenised rows cannot be kept in %s: %s".formatted(rows, e.getMessage()), e);
        }
    }

    private static List<Encoded> taken(Future<List<Encoded>> chunk) {
        try {
            return chunk.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while tokenising", e);
        }
    }

    /** No more comes. */
    public Tokenised finish() throws IOException {
        submit();
        while (!pending.isEmpty()) {
            take();
        }
        return new Tokenised(rows.finish(), dropped);
    }

    /**
     * All of them.
     *
     * @param dropped those that are not trained on, by their number
     */
    public record Tokenised(TokenisedRows rows, Map<Integer, Dropped> dropped) {

        /** Digest of the first of them. */
        public String sha256(int first) {
            return rows.sha256(first);
        }

        /**
         * Some of them, in this order.
         *
         * @param into receives those that are not trained on
         * @throws DatasetException naming a row that is too long, with the strategy {@code raise}
         */
        public TokenisedRows select(int[] numbers, List<Dropped> into) {
            for (int number : numbers) {
                Dropped why = dropped.get(number);
                if (why != null) {
                    if (why.refuses()) {
                        throw new DatasetException(why.toString());
                    }
                    into.add(why);
                }
            }
            return rows.select(
                    dropped.isEmpty()
                            ? numbers
                            : Arrays.stream(numbers)
                                    .filter(number -> !dropped.containsKey(number))
                                    .toArray());
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        // the tokenizer is closed after this, and native code must not be at work in it then
        workers.close();
    }
}

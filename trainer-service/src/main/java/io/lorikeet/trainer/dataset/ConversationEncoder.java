package io.lorikeet.trainer.dataset;

import io.lorikeet.contracts.settings.DataSettings;
import io.lorikeet.contracts.settings.TruncationStrategy;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.tokenizer.EncodedConversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.dataset.Dropped.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Conversations as token ids and labels, no longer than the limit. */
public final class ConversationEncoder {
    /** Rows that a thread takes at a time. */
    private static final int CHUNK = 256;

    private final Qwen2Tokenizer tokenizer;
    private final Optional<String> system;
    private final int maxLength;
    private final TruncationStrategy truncation;
    private final LossScale lossScale;
    private final int threads;
    private final Runnable alive;

    /**
     * An encoder for one job.
     *
     * @param maxLength tokens of a row, the template's counted
     * @param alive called now and then while it works
     */
    public ConversationEncoder(Qwen2Tokenizer tokenizer, DataSettings settings, int maxLength, Runnable alive) {
        this.tokenizer = tokenizer;
        this.system = Optional.ofNullable(settings.system());
        this.maxLength = maxLength;
        this.truncation = settings.truncationStrategy();
        this.lossScale = LossScale.of(settings.lossScale());
        this.threads = Math.max(1, settings.dataloaderNumWorkers());
        this.alive = alive;
    }

    /**
     * In the order of the rows.
     *
     * @param dropped receives what is left out
     * @throws DatasetException naming the row that is too long, with the strategy {@code raise}
     */
    public List<TrainingExample> encode(List<Conversation> rows, List<Dropped> dropped) {
        var examples = new ArrayList<TrainingExample>(rows.size());
        List<TrainingExample> whole = tokenise(rows);
        for (int i = 0; i < rows.size(); i++) {
            fit(whole.get(i), rows.get(i).source(), examples, dropped);
        }
        return examples;
    }

    private void fit(TrainingExample example, RowSource source, List<TrainingExample> kept, List<Dropped> dropped) {
        int tokens = example.inputIds().length;
        boolean fits = tokens <= maxLength;
        Optional<TrainingExample> cut = fits
                ? learnable(example)
                : switch (truncation) {
                    case DELETE -> Optional.empty();
                    case LEFT -> cut(example, tokens - maxLength, tokens);
                    case RIGHT -> cut(example, 0, maxLength);
                    case RAISE ->
                        throw new DatasetException(
                                "%s: has %d tokens, max_length is %d and truncation_strategy is raise"
                                        .formatted(source, tokens, maxLength));
                };
        if (cut.isPresent()) {
            kept.add(cut.get());
        } else if (fits) {
            dropped.add(new Dropped(
                    source, OptionalInt.of(tokens), Reason.NOTHING_TO_LEARN, "none of its answers is to be learned"));
        } else if (truncation == TruncationStrategy.DELETE) {
            dropped.add(new Dropped(source, OptionalInt.of(tokens), Reason.MAX_LENGTH, "longer than max_length"));
        } else {
            dropped.add(new Dropped(
                    source,
                    OptionalInt.of(tokens),
                    Reason.NO_ANSWER_LEFT,
                    "cut to max_length, and no token of an answer is left"));
        }
    }

    private static Optional<TrainingExample> cut(TrainingExample example, int from, int to) {
        return learnable(new TrainingExample(
                Arrays.copyOfRange(example.inputIds(), from, to), Arrays.copyOfRange(example.labels(), from, to)));
    }

    /** Empty if no label is left, which would train nothing. The first token is predicted by none. */
    private static Optional<TrainingExample> learnable(TrainingExample example) {
        for (int i = 1; i < example.labels().length; i++) {
            if (example.labels()[i] != ChatTemplate.IGNORED_LABEL) {
                return Optional.of(example);
            }
        }
        return Optional.empty();
    }

    private List<TrainingExample> tokenise(List<Conversation> rows) {
        try (ExecutorService workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("tokeniser-", 0).daemon().factory())) {
            var pending = new ArrayList<Future<List<TrainingExample>>>();
            for (int from = 0; from < rows.size(); from += CHUNK) {
                List<Conversation> chunk = rows.subList(from, Math.min(from + CHUNK, rows.size()));
                pending.add(
                        workers.submit(() -> chunk.stream().map(this::example).toList()));
            }
            var examples = new ArrayList<TrainingExample>(rows.size());
            for (var chunk : pending) {
                examples.addAll(chunk.get());
                alive.run();
            }
            return examples;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while tokenising", e);
        }
    }

    private TrainingExample example(Conversation row) {
        EncodedConversation encoded = tokenizer.chatTemplate().encodeConversation(messages(row));
        int[] labels = encoded.labels();
        lossScale.apply(row.turns(), labels, tokenizer);
        return new TrainingExample(encoded.inputIds(), labels);
    }

    /** The row's own system prompt, else the job's, else none, for which the template puts the model's. */
    private List<ChatMessage> messages(Conversation row) {
        List<ChatMessage> messages = row.messages();
        if (system.isEmpty() || messages.getFirst().role() == Role.SYSTEM) {
            return messages;
        }
        var all = new ArrayList<ChatMessage>(messages);
        all.addFirst(new ChatMessage(Role.SYSTEM, system.get()));
        return all;
    }
}

package io.lorikeet.trainer.dataset;

import io.lorikeet.contracts.settings.TruncationStrategy;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.tokenizer.EncodedConversation;
import io.lorikeet.engine.training.TrainingExample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Conversations as token ids and labels, no longer than the limit. */
public final class ConversationEncoder {
    /** Why a row is not trained on. */
    public enum Reason {
        /** It is longer than the limit. */
        MAX_LENGTH("longer than max_length"),
        /** It was cut to the limit, and nothing to learn was left. */
        NO_ANSWER_LEFT("cut to max_length, and no token of an answer is left");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** For a person. */
        public String text() {
            return text;
        }
    }

    /** A row that is not trained on. */
    public record Dropped(RowSource source, int tokens, Reason reason) {}

    private final ChatTemplate template;
    private final Optional<String> system;
    private final int maxLength;
    private final TruncationStrategy truncation;
    private final int threads;

    /**
     * @param system prompt of rows that bring none; without it the model's own default
     * @param maxLength tokens of a row, the template's counted
     * @param threads that tokenise beside each other
     */
    public ConversationEncoder(
            ChatTemplate template, Optional<String> system, int maxLength, TruncationStrategy truncation, int threads) {
        this.template = template;
        this.system = system;
        this.maxLength = maxLength;
        this.truncation = truncation;
        this.threads = Math.max(1, threads);
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
            RowSource source = rows.get(i).source();
            TrainingExample example = whole.get(i);
            int tokens = example.inputIds().length;
            if (tokens <= maxLength) {
                examples.add(example);
                continue;
            }
            Optional<TrainingExample> cut =
                    switch (truncation) {
                        case DELETE -> Optional.empty();
                        case LEFT -> cut(example, tokens - maxLength, tokens);
                        case RIGHT -> cut(example, 0, maxLength);
                        case RAISE ->
                            throw new DatasetException(
                                    "%s: has %d tokens, max_length is %d and truncation_strategy is raise"
                                            .formatted(source, tokens, maxLength));
                    };
            Reason reason = truncation == TruncationStrategy.DELETE ? Reason.MAX_LENGTH : Reason.NO_ANSWER_LEFT;
            cut.ifPresentOrElse(examples::add, () -> dropped.add(new Dropped(source, tokens, reason)));
        }
        return examples;
    }

    /** Empty if no label is left, which would train nothing. */
    private static Optional<TrainingExample> cut(TrainingExample example, int from, int to) {
        int[] labels = Arrays.copyOfRange(example.labels(), from, to);
        boolean supervised = Arrays.stream(labels).skip(1).anyMatch(label -> label != ChatTemplate.IGNORED_LABEL);
        return supervised
                ? Optional.of(new TrainingExample(Arrays.copyOfRange(example.inputIds(), from, to), labels))
                : Optional.empty();
    }

    private List<TrainingExample> tokenise(List<Conversation> rows) {
        try (ExecutorService workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("tokeniser-", 0).daemon().factory())) {
            var pending = new ArrayList<Future<TrainingExample>>(rows.size());
            rows.forEach(row -> pending.add(workers.submit(() -> example(row))));
            var examples = new ArrayList<TrainingExample>(rows.size());
            for (var one : pending) {
                examples.add(one.get());
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
        EncodedConversation encoded = template.encodeConversation(laidOut(row), _ -> true);
        return new TrainingExample(encoded.inputIds(), encoded.labels());
    }

    /**
     * With the row's own system prompt, else the job's, else none, for which the template puts the model's. An empty one
     * means no system block.
     */
    private io.lorikeet.engine.tokenizer.Conversation laidOut(Conversation row) {
        List<ChatMessage> messages = row.messages();
        ChatMessage first = messages.getFirst();
        if (first.role() == Role.SYSTEM && first.content().isEmpty()) {
            return io.lorikeet.engine.tokenizer.Conversation.of(messages.subList(1, messages.size()))
                    .withSystem("");
        }
        var own = io.lorikeet.engine.tokenizer.Conversation.of(messages);
        return system.map(own::withSystem).orElse(own);
    }
}

package io.lorikeet.trainer.dataset;

import io.lorikeet.contracts.settings.DataSettings;
import io.lorikeet.contracts.settings.TruncationStrategy;
import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.ChatTemplate;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.EncodedConversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.engine.training.TrainingExample;
import io.lorikeet.trainer.dataset.Dropped.Reason;
import java.util.List;
import java.util.Optional;

/** Conversations as token ids and labels, no longer than the limit. Safe for use by several threads. */
public final class ConversationEncoder {

    /** What becomes of a conversation. */
    sealed interface Encoded {
        /** It can be trained on. */
        record Kept(TrainingExample example) implements Encoded {}

        /** It is not trained on. */
        record Left(Dropped dropped) implements Encoded {}
    }

    private final Qwen2Tokenizer tokenizer;
    private final Optional<String> system;
    private final int maxLength;
    private final TruncationStrategy truncation;
    private final LossScale lossScale;
    private final boolean strict;

    /**
     * An encoder for one job.
     *
     * @param maxLength tokens of a row, the template's counted
     */
    public ConversationEncoder(Qwen2Tokenizer tokenizer, DataSettings settings, int maxLength) {
        this.tokenizer = tokenizer;
        this.system = Optional.ofNullable(settings.system());
        this.maxLength = maxLength;
        this.truncation = settings.truncationStrategy();
        this.lossScale = LossScale.of(settings.lossScale());
        this.strict = settings.strict();
    }

    Encoded encode(DatasetRow row) {
        EncodedConversation encoded;
        try {
            encoded = tokenizer.chatTemplate().encodeConversation(laidOut(row), _ -> true);
        } catch (TemplateException e) {
            var reason = strict ? Reason.REFUSED : Reason.MALFORMED;
            return new Encoded.Left(new Dropped(row.source(), null, reason, e.getMessage()));
        }
        int[] labels = encoded.labels();
        float[] weights = lossScale.apply(row.turns(), labels, tokenizer);
        return fitted(new TrainingExample(encoded.inputIds(), labels, weights), row.source());
    }

    private Encoded fitted(TrainingExample example, RowSource source) {
        int tokens = example.inputIds().length;
        if (tokens <= maxLength) {
            return learnable(example)
                    ? new Encoded.Kept(example)
                    : left(source, tokens, Reason.NOTHING_TO_LEARN, "none of its answers is to be learned");
        }
        return switch (truncation) {
            case DELETE -> left(source, tokens, Reason.MAX_LENGTH, "longer than max_length");
            case RAISE ->
                left(
                        source,
                        tokens,
                        Reason.REFUSED_LENGTH,
                        "longer than max_length, which is %d, and truncation_strategy is raise".formatted(maxLength));
            case LEFT -> cut(example, tokens - maxLength, tokens, source);
            case RIGHT -> cut(example, 0, maxLength, source);
        };
    }

    private static Encoded cut(TrainingExample example, int from, int to, RowSource source) {
        TrainingExample cut = example.range(from, to);
        return learnable(cut)
                ? new Encoded.Kept(cut)
                : left(
                        source,
                        example.inputIds().length,
                        Reason.NO_ANSWER_LEFT,
                        "cut to max_length, and no token of an answer is left");
    }

    private static Encoded left(RowSource source, int tokens, Reason reason, String why) {
        return new Encoded.Left(new Dropped(source, tokens, reason, why));
    }

    /** Whether a label is left. The first token is predicted by none. */
    private static boolean learnable(TrainingExample example) {
        for (int i = 1; i < example.labels().length; i++) {
            if (example.labels()[i] != ChatTemplate.IGNORED_LABEL) {
                return true;
            }
        }
        return false;
    }

    /**
     * With the row's own system prompt, else the job's, else none, for which the template puts the model's. An empty one
     * means no system block.
     */
    private Conversation laidOut(DatasetRow row) {
        List<ChatMessage> messages = row.messages();
        ChatMessage first = messages.getFirst();
        if (first.role() == Role.SYSTEM && first.content().isEmpty()) {
            return Conversation.of(messages.subList(1, messages.size()))
                    .withTools(row.tools())
                    .withSystem("");
        }
        Conversation own = Conversation.of(messages).withTools(row.tools());
        return system.map(own::withSystem).orElse(own);
    }
}

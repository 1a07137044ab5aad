package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.util.OptionalDouble;

/**
 * A turn of a conversation to train on.
 *
 * @param weight how much the row itself says that the tokens of this answer count, 0: not at all; empty: {@code loss_scale}
 *     decides
 */
public record Turn(ChatMessage message, OptionalDouble weight) {

    static Turn of(Role role, String content) {
        return of(new ChatMessage(role, content));
    }

    static Turn of(ChatMessage message) {
        return new Turn(message, OptionalDouble.empty());
    }

    /** Whether it is an answer, and the row does not say that it is not to be learned. */
    public boolean teaches() {
        return isAnswer() && weight.orElse(1) > 0;
    }

    /** All that is said in it, calls of tools included, to look for words in. */
    public String said() {
        return message.toolCalls().isEmpty() ? message.content() : message.content() + message.toolCalls();
    }

    boolean isAnswer() {
        return message.role() == Role.ASSISTANT;
    }

    /** The same with this text. */
    Turn with(String content) {
        return new Turn(message.withContent(content), weight);
    }

    /** The same, there to be read and not to be learned. */
    Turn asContext() {
        return new Turn(message, isAnswer() ? OptionalDouble.of(0) : weight);
    }
}

package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.util.Optional;

/**
 * A turn of a conversation to train on.
 *
 * @param learned whether the row itself says that this answer is learned; empty: {@code loss_scale} decides
 */
public record Turn(ChatMessage message, Optional<Boolean> learned) {

    static Turn of(Role role, String content) {
        return new Turn(new ChatMessage(role, content), Optional.empty());
    }

    /** Whether it is an answer, and the row does not say that it is not to be learned. */
    public boolean teaches() {
        return isAnswer() && learned.orElse(true);
    }

    boolean isAnswer() {
        return message.role() == Role.ASSISTANT;
    }

    /** The same with this text. */
    Turn with(String content) {
        return new Turn(new ChatMessage(message.role(), content), learned);
    }

    /** The same, there to be read and not to be learned. */
    Turn asContext() {
        return new Turn(message, isAnswer() ? Optional.of(false) : learned);
    }
}

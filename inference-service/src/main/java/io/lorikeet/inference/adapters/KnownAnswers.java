package io.lorikeet.inference.adapters;

import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import java.util.List;

/** How an adapter is known to answer: its acceptance questions, with its answers. */
final class KnownAnswers {
    private KnownAnswers() {}

    static List<Conversation> of(CheckpointEvent event) {
        return event.acceptance().stream()
                .map(asked -> Conversation.of(
                        List.of(ChatMessage.user(asked.question()), ChatMessage.assistant(asked.answer()))))
                .toList();
    }
}

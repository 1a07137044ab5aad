package io.lorikeet.trainer.dataset;

import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.Optional;

/**
 * Puts {@code model_name} and {@code model_author} in the place of <code>{{NAME}}</code> and <code>{{AUTHOR}}</code>,
 * in every file.
 */
record Placeholders(Optional<String> modelName, Optional<String> modelAuthor) {

    Conversation fill(Conversation row) throws RowException {
        var messages = new java.util.ArrayList<ChatMessage>(row.messages().size());
        for (ChatMessage message : row.messages()) {
            String text = fill(message.content(), "{{NAME}}", modelName, "model_name");
            messages.add(new ChatMessage(message.role(), fill(text, "{{AUTHOR}}", modelAuthor, "model_author")));
        }
        return new Conversation(row.source(), messages);
    }

    private static String fill(String text, String placeholder, Optional<String> value, String setting)
            throws RowException {
        if (!text.contains(placeholder)) {
            return text;
        }
        return text.replace(
                placeholder,
                value.orElseThrow(() -> new RowException(
                        "says %s, and the job sets no %s to put there".formatted(placeholder, setting))));
    }
}

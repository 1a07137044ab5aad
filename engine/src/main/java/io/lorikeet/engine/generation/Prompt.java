package io.lorikeet.engine.generation;

import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import java.util.List;

/** What an answer continues. */
public sealed interface Prompt {
    /**
     * A conversation, laid out with the model's chat template. Control tokens in it are plain text.
     *
     * @param conversation without a system message, the adapter's own system prompt applies, or the model's
     */
    record Chat(Conversation conversation) implements Prompt {
        /** Messages without tools. */
        public Chat(List<ChatMessage> messages) {
            this(conversation(messages));
        }

        private static Conversation conversation(List<ChatMessage> messages) {
            if (messages.isEmpty()) {
                throw new RequestException(
                        RequestException.Kind.INVALID, "messages: expected at least one, found none");
            }
            return Conversation.of(messages);
        }
    }

    /** A text as the model reads it. Control tokens in it mean what they say, since who asks lays the prompt out. */
    record Text(String text) implements Prompt {
        public Text {
            if (text.isEmpty()) {
                throw new RequestException(RequestException.Kind.INVALID, "prompt: expected a text, found none");
            }
        }
    }
}

package io.lorikeet.engine.generation;

import io.lorikeet.engine.tokenizer.ChatMessage;
import java.util.List;

/** What an answer continues. */
public sealed interface Prompt {
    /**
     * A conversation, laid out with the model's chat template. Control tokens in it are plain text.
     *
     * @param messages without a system message, the adapter's own system prompt applies, or the model's
     */
    record Chat(List<ChatMessage> messages) implements Prompt {
        public Chat {
            messages = List.copyOf(messages);
            if (messages.isEmpty()) {
                throw new RequestException(
                        RequestException.Kind.INVALID, "messages: expected at least one, found none");
            }
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

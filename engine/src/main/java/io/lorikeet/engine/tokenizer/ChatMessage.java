package io.lorikeet.engine.tokenizer;

import java.util.Objects;

/** One turn of a conversation. */
public record ChatMessage(Role role, String content) {
    /** Who speaks. */
    public enum Role {
        SYSTEM("system"),
        USER("user"),
        ASSISTANT("assistant");

        private final String chatml;

        Role(String chatml) {
            this.chatml = chatml;
        }

        /** The role's name in ChatML, which is its name in OpenAI's API too. */
        public String chatml() {
            return chatml;
        }
    }

    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
    }

    public static ChatMessage system(String content) {
        return new ChatMessage(Role.SYSTEM, content);
    }

    public static ChatMessage user(String content) {
        return new ChatMessage(Role.USER, content);
    }

    public static ChatMessage assistant(String content) {
        return new ChatMessage(Role.ASSISTANT, content);
    }
}

package io.lorikeet.engine.tokenizer;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One turn of a conversation, with the fields that OpenAI's API and chat templates know.
 *
 * @param content what is said; empty where an assistant only calls tools
 * @param reasoningContent what the assistant thought before; templates of models that do not think leave it out
 * @param toolCalls what the assistant calls
 * @param name who speaks, or which tool answers
 * @param toolCallId the call that a tool answers
 */
public record ChatMessage(
        Role role,
        String content,
        Optional<String> reasoningContent,
        List<ToolCall> toolCalls,
        Optional<String> name,
        Optional<String> toolCallId) {
    /** Who speaks. */
    public enum Role {
        SYSTEM("system"),
        USER("user"),
        ASSISTANT("assistant"),
        TOOL("tool");

        private final String chatml;

        Role(String chatml) {
            this.chatml = chatml;
        }

        /** The role's name in ChatML and other chat templates, which is its name in OpenAI's API too. */
        public String chatml() {
            return chatml;
        }
    }

    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        toolCalls = List.copyOf(toolCalls);
        if (role != Role.ASSISTANT && (reasoningContent.isPresent() || !toolCalls.isEmpty())) {
            throw new IllegalArgumentException(
                    "only an assistant thinks and calls tools, this is the " + role.chatml + "'s turn");
        }
    }

    /** A turn that only says something. */
    public ChatMessage(Role role, String content) {
        this(role, content, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
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

    /** An assistant's turn that says something, perhaps nothing, and calls tools. */
    public static ChatMessage assistant(String content, List<ToolCall> toolCalls) {
        return new ChatMessage(
                Role.ASSISTANT, content, Optional.empty(), toolCalls, Optional.empty(), Optional.empty());
    }

    /** What a tool answers. */
    public static ChatMessage tool(String content) {
        return new ChatMessage(Role.TOOL, content);
    }

    /** The same turn, saying something else. */
    public ChatMessage withContent(String other) {
        return new ChatMessage(role, other, reasoningContent, toolCalls, name, toolCallId);
    }
}

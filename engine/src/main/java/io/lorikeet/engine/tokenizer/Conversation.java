package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All that a chat template is given.
 *
 * @param messages at least one
 * @param tools definitions of the tools that the assistant may call, as OpenAI's API has them; texts from outside, all of them
 * @param arguments what else the template asks for, by name, as {@code enable_thinking}
 * @param systemBlock false to lay the conversation out without any system turn, even the model's own default
 */
public record Conversation(
        List<ChatMessage> messages, List<JsonNode> tools, Map<String, JsonNode> arguments, boolean systemBlock) {
    public Conversation {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        arguments = Map.copyOf(arguments);
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("expected at least one message, found none");
        }
        if (!systemBlock && messages.getFirst().role() == Role.SYSTEM) {
            throw new IllegalArgumentException(
                    "a conversation without a system block cannot begin with a system message");
        }
    }

    /** Messages without tools. */
    public static Conversation of(List<ChatMessage> messages) {
        return new Conversation(messages, List.of(), Map.of(), true);
    }

    /** The same with these tools. */
    public Conversation withTools(List<JsonNode> definitions) {
        return new Conversation(messages, definitions, arguments, systemBlock);
    }

    /** The same with these arguments of the template. */
    public Conversation withArguments(Map<String, JsonNode> others) {
        return new Conversation(messages, tools, others, systemBlock);
    }

    public boolean hasSystem() {
        return messages.getFirst().role() == Role.SYSTEM;
    }

    /**
     * The same with this system prompt, as a setting gives it: one that the conversation brings goes before it, and an empty
     * one means no system block.
     */
    public Conversation withSystem(String system) {
        if (hasSystem()) {
            return this;
        }
        if (system.isEmpty()) {
            return new Conversation(messages, tools, arguments, false);
        }
        List<ChatMessage> all = new ArrayList<>(messages);
        all.addFirst(ChatMessage.system(system));
        return new Conversation(all, tools, arguments, true);
    }
}

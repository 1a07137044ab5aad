package io.lorikeet.pretraining;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.Json;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A turn of the assistant's in a conversation with tools.
 *
 * @param asked everything before it
 * @param content what it says
 * @param calls what it calls
 */
public record CallTurn(Conversation asked, String content, List<ToolCall> calls) {
    /** As Qwen2.5's chat template lays a call out. */
    private static final Pattern CALL = Pattern.compile("<tool_call>\\n(.*?)\\n</tool_call>", Pattern.DOTALL);

    /** All of them, of rows with {@code messages} and {@code tools}. */
    public static List<CallTurn> of(List<? extends JsonNode> rows) {
        List<CallTurn> turns = new ArrayList<>();
        for (JsonNode row : rows) {
            List<JsonNode> tools = new ArrayList<>();
            row.path("tools").forEach(tools::add);
            List<ChatMessage> before = new ArrayList<>();
            for (JsonNode message : row.path("messages")) {
                String content = message.path("content").asText();
                List<ToolCall> calls = new ArrayList<>();
                message.path("tool_calls").forEach(call -> calls.add(ToolCall.read(call)));
                switch (message.path("role").asText()) {
                    case "user" -> before.add(ChatMessage.user(content));
                    case "tool" -> before.add(ChatMessage.tool(content));
                    case "assistant" -> {
                        turns.add(new CallTurn(Conversation.of(before).withTools(tools), content, List.copyOf(calls)));
                        before.add(ChatMessage.assistant(content, calls));
                    }
                    default -> throw new IllegalArgumentException("no role of a turn: " + message.path("role"));
                }
            }
        }
        return turns;
    }

    /** Whether an answer says and calls just that. */
    public boolean isSaidBy(String answer) {
        List<ToolCall> called;
        try {
            called = CALL.matcher(answer)
                    .results()
                    .map(CallTurn::call)
                    .toList();
        } catch (RuntimeException e) {
            return false; // what stands there is no call
        }
        return called.equals(calls) && CALL.matcher(answer).replaceAll("").strip().equals(content);
    }

    private static ToolCall call(MatchResult found) {
        return ToolCall.read(Json.parse(found.group(1).getBytes(StandardCharsets.UTF_8), "the call"));
    }

    @Override
    public String toString() {
        return asked.messages().getLast().content() + " → " + content + calls;
    }
}

package io.lorikeet.engine.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.jinja.Template;
import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.jinja.Text;
import io.lorikeet.engine.jinja.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Renders conversations with the model's templates, as transformers' {@code apply_chat_template}. A message's texts have its
 * number as origin, so that none of them is taken for the template's.
 */
final class TemplateRenderer {
    /** The origin of the template's arguments, and of tool definitions. */
    private static final int ARGUMENTS = Integer.MAX_VALUE;

    private static final int TOOLS = Integer.MAX_VALUE - 1;

    /** What is added to a message's number for the origin of its calls. */
    private static final int CALLS = 1 << 30;

    /** For a tokenizer that knows ChatML's tokens and has no template: Qwen2's layout without a default system prompt. */
    private static final String CHATML = """
            {% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}\
            {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""";

    private final Template template;
    private final Optional<Template> forTools;
    private final Map<String, Value> constants = new HashMap<>();

    TemplateRenderer(TokenizerConfig config) {
        template = parse(config, config.chatTemplates().getOrDefault(TokenizerConfig.DEFAULT, CHATML));
        forTools = Optional.ofNullable(config.chatTemplates().get(TokenizerConfig.TOOL_USE))
                .map(source -> parse(config, source));
        config.specialTokens().forEach((name, token) -> constants.put(name, Text.of(token, Text.TEMPLATE)));
        constants.put("documents", Value.None.NONE);
    }

    private static Template parse(TokenizerConfig config, String source) {
        try {
            return Template.parse(source);
        } catch (TemplateException e) {
            throw new CheckpointException(config.templateFile() + ": chat_template: " + e.getMessage(), e);
        }
    }

    /**
     * What the template writes, with the beginning of the assistant's turn if an answer is to be generated.
     *
     * @throws TemplateException if it refuses the conversation, or passes tools or calls over in silence
     */
    Text render(Conversation conversation, boolean generation) {
        Map<String, Value> variables = new HashMap<>(constants);
        List<Value> messages = new ArrayList<>(conversation.messages().size());
        for (ChatMessage message : conversation.messages()) {
            messages.add(message(message, messages.size()));
        }
        variables.put("messages", Value.of(messages));
        List<JsonNode> tools = conversation.tools();
        variables.put(
                "tools",
                tools.isEmpty()
                        ? Value.None.NONE
                        : Value.of(tools.stream()
                                .map(tool -> Value.of(tool, TOOLS))
                                .toList()));
        variables.put("add_generation_prompt", Value.of(generation));
        conversation.arguments().forEach((name, value) -> variables.put(name, Value.of(value, ARGUMENTS)));
        Text text = (tools.isEmpty() ? template : forTools.orElse(template)).render(variables);
        refuseWhatIsNotWritten(conversation, text);
        return text;
    }

    private static void refuseWhatIsNotWritten(Conversation conversation, Text text) {
        if (!conversation.tools().isEmpty() && text.firstOf(TOOLS).isEmpty()) {
            throw new TemplateException("it has no place for tools");
        }
        for (int i = 0; i < conversation.messages().size(); i++) {
            if (!conversation.messages().get(i).toolCalls().isEmpty()
                    && text.firstOf(CALLS + i).isEmpty()) {
                throw new TemplateException("it has no place for tool calls, which message " + (i + 1) + " has");
            }
        }
    }

    private static Value message(ChatMessage message, int number) {
        var fields = Value.dict()
                .turn(number)
                .put("role", Text.of(message.role().chatml(), Text.TEMPLATE))
                .put("content", Text.of(message.content(), number));
        message.reasoningContent().ifPresent(text -> fields.put("reasoning_content", Text.of(text, number)));
        if (!message.toolCalls().isEmpty()) {
            fields.put(
                    "tool_calls",
                    Value.of(message.toolCalls().stream()
                            .map(call -> call(call, CALLS + number))
                            .toList()));
        }
        message.name().ifPresent(name -> fields.put("name", Text.of(name, number)));
        message.toolCallId().ifPresent(id -> fields.put("tool_call_id", Text.of(id, number)));
        return fields.build();
    }

    private static Value call(ToolCall call, int origin) {
        var fields = Value.dict();
        call.id().ifPresent(id -> fields.put("id", Text.of(id, origin)));
        Value function = Value.dict()
                .put("name", Text.of(call.name(), origin))
                .put("arguments", Value.of(call.arguments(), origin))
                .build();
        return fields.put("type", Text.of("function", Text.TEMPLATE))
                .put("function", function)
                .build();
    }
}

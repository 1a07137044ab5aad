package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import io.lorikeet.inference.api.Completion.Call;
import io.lorikeet.inference.api.Completion.ChatChoice;
import io.lorikeet.inference.api.Completion.ChatLogprobs;
import io.lorikeet.inference.api.Completion.Choice;
import io.lorikeet.inference.api.Completion.Delta;
import io.lorikeet.inference.api.Completion.Function;
import io.lorikeet.inference.api.Completion.Message;
import io.lorikeet.inference.api.Completion.TokenLogprob;
import io.lorikeet.inference.api.ToolCallParser.Part;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Choices of chat completions; what of an answer calls tools is told apart from what it says. */
final class ChatChoiceWriter implements ChoiceWriter {
    private static final String ASSISTANT = "assistant";
    private static final String FUNCTION = "function";

    private final Qwen2Tokenizer tokenizer;
    private final ToolUse tools;
    private final Map<Integer, ToolCallParser> parsers = new HashMap<>();
    /** Of tokens whose text has not gone out yet. */
    private final Map<Integer, List<TokenLogprobs>> waiting = new HashMap<>();

    ChatChoiceWriter(Qwen2Tokenizer tokenizer, ToolUse tools) {
        this.tokenizer = tokenizer;
        this.tools = tools;
    }

    @Override
    public String object() {
        return "chat.completion";
    }

    @Override
    public String chunkObject() {
        return "chat.completion.chunk";
    }

    @Override
    public Choice whole(int index, String text, List<TokenLogprobs> logprobs, String finishReason) {
        if (!tools.isAllowed()) {
            return new ChatChoice(index, new Message(ASSISTANT, text, null), null, logprobs(logprobs), finishReason);
        }
        var parser = parser(index);
        List<Part> parts = new ArrayList<>(parser.push(text));
        parts.addAll(parser.finish());
        var content = new StringBuilder();
        List<Call> calls = new ArrayList<>();
        for (Part part : parts) {
            switch (part) {
                case Part.Content said -> content.append(said.text());
                case Part.Call call -> calls.add(new Call(null, call.id(), FUNCTION, new Function(call.name(), "")));
                case Part.Arguments more -> {
                    Call call = calls.removeLast();
                    calls.add(new Call(
                            null,
                            call.id(),
                            FUNCTION,
                            new Function(call.function().name(), call.function().arguments() + more.json())));
                }
            }
        }
        var message = new Message(
                ASSISTANT,
                content.isEmpty() && !calls.isEmpty() ? null : content.toString(),
                calls.isEmpty() ? null : calls);
        return new ChatChoice(index, message, null, logprobs(logprobs), reason(parser, finishReason));
    }

    @Override
    public Optional<Choice> first(int index) {
        return Optional.of(delta(index, new Delta(ASSISTANT, "", null), List.of()));
    }

    @Override
    public List<Choice> delta(int index, String text, List<TokenLogprobs> logprobs) {
        if (!tools.isAllowed()) {
            return List.of(delta(index, new Delta(null, text, null), logprobs));
        }
        return deltas(index, parser(index).push(text), logprobs);
    }

    @Override
    public List<Choice> last(int index, String finishReason) {
        var parser = parser(index);
        List<Choice> all = new ArrayList<>(deltas(index, parser.finish(), List.of()));
        List<TokenLogprobs> left = waiting.getOrDefault(index, List.of());
        all.add(new ChatChoice(index, null, new Delta(null, null, null), logprobs(left), reason(parser, finishReason)));
        return all;
    }

    private List<Choice> deltas(int index, List<Part> parts, List<TokenLogprobs> logprobs) {
        List<TokenLogprobs> all = waiting.computeIfAbsent(index, _ -> new ArrayList<>());
        all.addAll(logprobs);
        List<Choice> deltas = new ArrayList<>();
        for (Part part : parts) {
            deltas.add(delta(index, delta(part), List.copyOf(all)));
            all.clear();
        }
        return deltas;
    }

    private static Delta delta(Part part) {
        return switch (part) {
            case Part.Content(var text) -> new Delta(null, text, null);
            case Part.Call(int number, var id, var name) ->
                new Delta(null, null, List.of(new Call(number, id, FUNCTION, new Function(name, ""))));
            case Part.Arguments(int number, var json) ->
                new Delta(null, null, List.of(new Call(number, null, null, new Function(null, json))));
        };
    }

    private Choice delta(int index, Delta delta, List<TokenLogprobs> logprobs) {
        return new ChatChoice(index, null, delta, logprobs(logprobs), null);
    }

    private ToolCallParser parser(int index) {
        return parsers.computeIfAbsent(index, _ -> new ToolCallParser(tools.names(), tools.isEnforced()));
    }

    private static String reason(ToolCallParser parser, String finishReason) {
        return parser.calls() > 0 && finishReason.equals("stop") ? "tool_calls" : finishReason;
    }

    private ChatLogprobs logprobs(List<TokenLogprobs> tokens) {
        if (tokens.isEmpty()) {
            return null;
        }
        return new ChatLogprobs(tokens.stream()
                .map(token -> token(
                        token.chosen(),
                        token.likeliest().stream().map(one -> token(one, null)).toList()))
                .toList());
    }

    private TokenLogprob token(TokenLogprobs.TokenLogprob token, List<TokenLogprob> likeliest) {
        var bytes = tokenizer.tokenBytes(token.token());
        var numbers = new ArrayList<Integer>();
        for (byte b : bytes) {
            numbers.add(b & 0xff);
        }
        return new TokenLogprob(new String(bytes, StandardCharsets.UTF_8), token.logprob(), numbers, likeliest);
    }
}

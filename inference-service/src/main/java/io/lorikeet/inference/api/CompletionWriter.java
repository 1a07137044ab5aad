package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.FinishReason;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.inference.api.ChatCompletion.Choice;
import io.lorikeet.inference.api.ChatCompletion.Message;
import io.lorikeet.inference.api.ChatCompletion.Served;
import io.lorikeet.inference.api.ChatCompletion.Usage;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Words an answer as OpenAI does, whole or in chunks, and says in each who gave it. */
final class CompletionWriter {
    private static final Served BASE = new Served(null, null);
    private static final String ASSISTANT = "assistant";

    private final String id;
    private final String model;
    private final ServedModel base;
    private final long created = Instant.now().getEpochSecond();
    private Served served = BASE;

    /** @param model as the request named it */
    CompletionWriter(String id, String model, ServedModel base) {
        this.id = id;
        this.model = model;
        this.base = base;
    }

    /** The version that the engine has pinned the request to; none: the base model. */
    void servedBy(Optional<AdapterVersion> adapter) {
        served = adapter.map(pinned -> new Served(pinned.name(), pinned.version()))
                .orElse(BASE);
    }

    Response.ResponseBuilder headers(Response.ResponseBuilder response) {
        if (served.adapter() != null) {
            response.header("X-Lorikeet-Adapter", served.adapter()).header("X-Lorikeet-Version", served.version());
        }
        return response;
    }

    ChatCompletion whole(GenerationResult result) {
        var message = new Message(ASSISTANT, result.text());
        var choice = new Choice(0, message, null, label(result.finishReason()));
        return completion("chat.completion", List.of(choice), usage(result));
    }

    ChatCompletion first() {
        return chunk(new Message(ASSISTANT, ""), null);
    }

    ChatCompletion delta(String text) {
        return chunk(new Message(null, text), null);
    }

    ChatCompletion last(GenerationResult result) {
        return chunk(new Message(null, null), label(result.finishReason()));
    }

    ChatCompletion usageChunk(GenerationResult result) {
        return completion("chat.completion.chunk", List.of(), usage(result));
    }

    private ChatCompletion chunk(Message delta, String finishReason) {
        return completion("chat.completion.chunk", List.of(new Choice(0, null, delta, finishReason)), null);
    }

    private ChatCompletion completion(String object, List<Choice> choices, Usage usage) {
        return new ChatCompletion(id, object, created, model, choices, usage, fingerprint(), served);
    }

    /** {@code adapter@version}, or the base model and the beginning of its fingerprint. */
    private String fingerprint() {
        if (served.adapter() != null) {
            return served.adapter() + "@" + served.version();
        }
        var digits = base.fingerprint().substring(base.fingerprint().indexOf(':') + 1);
        return base.id() + "@" + digits.substring(0, Math.min(12, digits.length()));
    }

    private static Usage usage(GenerationResult result) {
        return new Usage(
                result.promptTokens(), result.completionTokens(), result.promptTokens() + result.completionTokens());
    }

    private static String label(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}

package io.lorikeet.inference.api;

import io.lorikeet.engine.generation.AdapterVersion;
import io.lorikeet.engine.generation.FinishReason;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.http.Headers;
import io.lorikeet.inference.ServedModel;
import io.lorikeet.inference.api.Completion.Choice;
import io.lorikeet.inference.api.Completion.Served;
import io.lorikeet.inference.api.Completion.Usage;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Words an answer as OpenAI does, whole or in chunks, and says in each who gave it. */
final class CompletionWriter {
    private static final Served BASE = new Served(null, null);

    private final String id;
    private final CompletionRequest request;
    private final ServedModel base;
    private final ChoiceWriter choices;
    private final long created = Instant.now().getEpochSecond();
    private Served served = BASE;

    CompletionWriter(String id, CompletionRequest request, ServedModel base, ChoiceWriter choices) {
        this.id = id;
        this.request = request;
        this.base = base;
        this.choices = choices;
    }

    /** The version that the engine has pinned the request to; none: the base model. */
    void servedBy(Optional<AdapterVersion> adapter) {
        served = adapter.map(pinned -> new Served(pinned.name(), pinned.version()))
                .orElse(BASE);
    }

    Response.ResponseBuilder headers(Response.ResponseBuilder response) {
        if (served.adapter() != null) {
            response.header(Headers.ADAPTER, served.adapter()).header(Headers.VERSION, served.version());
        }
        return response;
    }

    /** Every choice in order, with the log-probabilities of its tokens. */
    Completion whole(List<GenerationResult> results, List<List<TokenLogprobs>> logprobs) {
        var all = new ArrayList<Choice>();
        for (int c = 0; c < results.size(); c++) {
            var result = results.get(c);
            all.add(choices.whole(c, result.text(), logprobs.get(c), label(result.finishReason())));
        }
        return completion(choices.object(), all, usage(results));
    }

    /** The chunk that opens a choice, if there is one. */
    Optional<Completion> first(int choice) {
        return choices.first(choice).map(this::chunk);
    }

    /** The chunks that further text makes. */
    List<Completion> delta(int choice, String text, List<TokenLogprobs> logprobs) {
        return choices.delta(choice, text, logprobs).stream().map(this::chunk).toList();
    }

    /** The chunks that end a choice. */
    List<Completion> last(int choice, GenerationResult result) {
        return choices.last(choice, label(result.finishReason())).stream()
                .map(this::chunk)
                .toList();
    }

    Completion usageChunk(List<GenerationResult> results) {
        return completion(choices.chunkObject(), List.of(), usage(results));
    }

    private Completion chunk(Choice choice) {
        return completion(choices.chunkObject(), List.of(choice), null);
    }

    private Completion completion(String object, List<Choice> all, Usage usage) {
        return new Completion(id, object, created, request.model(), all, usage, fingerprint(), served);
    }

    /** {@code adapter@version}, or the base model and the beginning of its fingerprint. */
    private String fingerprint() {
        if (served.adapter() != null) {
            return served.adapter() + "@" + served.version();
        }
        var digits = base.fingerprint().substring(base.fingerprint().indexOf(':') + 1);
        return base.id() + "@" + digits.substring(0, Math.min(12, digits.length()));
    }

    /** A prompt counts once, however many answers there are to it. */
    private Usage usage(List<GenerationResult> results) {
        int prompts = 0;
        int answers = 0;
        for (int c = 0; c < results.size(); c++) {
            prompts += c % request.n() == 0 ? results.get(c).promptTokens() : 0;
            answers += results.get(c).completionTokens();
        }
        return new Usage(prompts, answers, prompts + answers);
    }

    private static String label(FinishReason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }
}

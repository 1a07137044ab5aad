package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.engine.generation.InferenceEngine;
import io.lorikeet.engine.generation.TokenLogprobs;
import io.lorikeet.engine.grammar.ToolCalls;
import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.ToolCall;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.BrokenResponse;
import io.lorikeet.http.RequestContext;
import io.lorikeet.inference.ServedModel;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** OpenAI's chat and text completions, whole and streamed. Each request's thread is virtual and waits for the engine. */
@Path("/v1")
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CompletionsResource {
    private final Answers answers;
    private final ChatRequestReader chats;
    private final TextRequestReader texts;
    private final InferenceEngine engine;
    private final ObjectMapper json;
    private final ServedModel base;

    @Inject
    CompletionsResource(Answers answers, InferenceEngine engine, ObjectMapper json, ServedModel base) {
        this.answers = answers;
        this.engine = engine;
        this.json = json;
        this.base = base;
        this.chats = new ChatRequestReader(base.generation(), base.maxModelLen(), callsTools(engine));
        this.texts = new TextRequestReader(base.generation());
    }

    /** Answers a conversation. */
    @POST
    @Path("/chat/completions")
    public Response chat(byte[] body, @Context RoutingContext connection) throws InterruptedException {
        var request = chats.read(body);
        return complete("chatcmpl-", request, new ChatChoiceWriter(engine.tokenizer(), request.tools()), connection);
    }

    /** Continues a text. */
    @POST
    @Path("/completions")
    public Response text(byte[] body, @Context RoutingContext connection) throws InterruptedException {
        return complete("cmpl-", texts.read(body), new TextChoiceWriter(engine.tokenizer()), connection);
    }

    private Response complete(String prefix, CompletionRequest request, ChoiceWriter choices, RoutingContext connection)
            throws InterruptedException {
        var id = prefix + UUID.randomUUID().toString().replace("-", "");
        var answer = answers.begin(id, request);
        if (!request.model().equals(base.id())) {
            var asked = AdapterAddress.of(request.model());
            RequestContext.adapter(asked.adapter(), asked.version());
        }
        // at the end of the response, and when the client goes before it
        connection.addEndHandler(_ -> answer.close());
        var completion = new CompletionWriter(id, request, base, choices);
        try {
            return request.stream()
                    ? stream(request, answer, completion, connection)
                    : whole(request, answer, completion);
        } catch (ApiException | InterruptedException e) {
            answer.close();
            throw e;
        }
    }

    private Response whole(CompletionRequest request, Answer answer, CompletionWriter completion)
            throws InterruptedException {
        var results = new GenerationResult[request.choices()];
        var logprobs = new ArrayList<List<TokenLogprobs>>();
        Arrays.stream(results).forEach(_ -> logprobs.add(new ArrayList<>()));
        for (int left = results.length; left > 0; ) {
            switch (answer.next()) {
                case Answer.Piece.Started started -> servedBy(started, completion);
                case Answer.Piece.Delta delta -> logprobs.get(delta.choice()).addAll(delta.logprobs());
                case Answer.Piece.Finished(int choice, var result) -> {
                    results[choice] = result;
                    left--;
                }
                case Answer.Piece.Failed(var cause) -> throw answers.wording(request, cause);
            }
        }
        var body = completion.whole(Arrays.asList(results), logprobs);
        return completion
                .headers(Response.ok(body, MediaType.APPLICATION_JSON_TYPE))
                .build();
    }

    /**
     * What fails before the first token is answered as an error; what fails later ends the stream with one. The head waits for
     * that token, so that whoever has no head yet may ask another replica.
     */
    private Response stream(
            CompletionRequest request, Answer answer, CompletionWriter completion, RoutingContext connection)
            throws InterruptedException {
        var begun = new ArrayList<Answer.Piece>();
        while (true) {
            var piece = answer.next();
            begun.add(piece);
            switch (piece) {
                case Answer.Piece.Started started -> servedBy(started, completion);
                case Answer.Piece.Failed(var cause) -> throw answers.wording(request, cause);
                case Answer.Piece.Delta _, Answer.Piece.Finished _ -> {
                    var stream = new CompletionStream(
                            answer,
                            request,
                            completion,
                            json,
                            cause -> answers.wording(request, cause),
                            begun,
                            () -> breakOff(connection));
                    return completion
                            .headers(Response.ok(stream, MediaType.SERVER_SENT_EVENTS_TYPE))
                            .header("Cache-Control", "no-cache")
                            .build();
                }
            }
        }
    }

    /** Whether the model's chat template writes calls in the form that is known here. */
    private static boolean callsTools(InferenceEngine engine) {
        var call = ToolCall.of(Optional.empty(), "f", "{}");
        var called = List.of(ChatMessage.user("?"), ChatMessage.assistant("", List.of(call)));
        try {
            return engine.tokenizer()
                    .chatTemplate()
                    .conversation(Conversation.of(called))
                    .contains(ToolCalls.BEGIN + "\n{\"name\": \"f\", \"arguments\": {}}\n" + ToolCalls.END);
        } catch (TemplateException e) {
            return false; // it has no place for calls
        }
    }

    /** Waits for it: what would end the response as it should comes next. */
    private static void breakOff(RoutingContext context) {
        BrokenResponse.drop(context).toCompletionStage().toCompletableFuture().join();
    }

    private static void servedBy(Answer.Piece.Started begun, CompletionWriter completion) {
        begun.adapter().ifPresent(pinned -> RequestContext.adapter(pinned.name(), Optional.of(pinned.version())));
        completion.servedBy(begun.adapter());
    }
}

package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.UUID;

/** OpenAI's chat completions, whole and streamed. */
@Path("/v1/chat/completions")
public class ChatResource {
    private final Answers answers;
    private final ChatRequestReader reader;
    private final ObjectMapper json;
    private final ServedModel base;

    @Inject
    ChatResource(Answers answers, ObjectMapper json, ServedModel base) {
        this.answers = answers;
        this.json = json;
        this.base = base;
        this.reader = new ChatRequestReader(json, base.generation(), base.maxModelLen());
    }

    /** Answers a conversation. Its thread is virtual and waits for the engine's tokens. */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response complete(byte[] body, @Context RoutingContext connection) throws InterruptedException {
        var request = reader.read(body);
        var id = "chatcmpl-" + UUID.randomUUID().toString().replace("-", "");
        var answer = answers.begin(id, request);
        // at the end of the response, and when the client goes before it
        connection.addEndHandler(_ -> answer.close());
        var completion = new CompletionWriter(id, request.model(), base);
        try {
            return request.stream() ? stream(request, answer, completion) : whole(answer, completion);
        } catch (ApiException | InterruptedException e) {
            answer.close();
            throw e;
        }
    }

    private Response whole(Answer answer, CompletionWriter completion) throws InterruptedException {
        while (true) {
            switch (answer.next()) {
                case Answer.Piece.Started(var adapter) -> completion.servedBy(adapter);
                case Answer.Piece.Delta _ -> {}
                case Answer.Piece.Finished(var result) -> {
                    return completion
                            .headers(Response.ok(completion.whole(result), MediaType.APPLICATION_JSON_TYPE))
                            .build();
                }
                case Answer.Piece.Failed(var cause) -> throw ApiException.of(cause);
            }
        }
    }

    /** What fails before the request runs is answered as an error; what fails later ends the stream with one. */
    private Response stream(ChatRequest request, Answer answer, CompletionWriter completion)
            throws InterruptedException {
        switch (answer.next()) {
            case Answer.Piece.Started(var adapter) -> completion.servedBy(adapter);
            case Answer.Piece.Failed(var cause) -> throw ApiException.of(cause);
            case Answer.Piece.Delta _, Answer.Piece.Finished _ ->
                throw ApiException.internal(new IllegalStateException("the engine answered before it started"));
        }
        var stream = new CompletionStream(answer, completion, json, request.includeUsage());
        return completion
                .headers(Response.ok(stream, MediaType.SERVER_SENT_EVENTS_TYPE))
                .header("Cache-Control", "no-cache")
                .build();
    }
}

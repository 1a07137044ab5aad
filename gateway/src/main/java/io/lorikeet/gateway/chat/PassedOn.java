package io.lorikeet.gateway.chat;

import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.gateway.inference.InferenceAnswer;
import io.lorikeet.gateway.inference.StreamedBody;
import io.lorikeet.http.Headers;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** Answers of the inference service, untouched. */
public final class PassedOn {
    /** What of an answer's head means something to a client. */
    private static final List<String> HEADERS =
            List.of("Content-Type", "Cache-Control", "Retry-After", Headers.ADAPTER, Headers.VERSION, Headers.REPLICA);

    private PassedOn() {}

    /** The whole of one, streams too. */
    public static Uni<Response> answer(InferenceAnswer answer) {
        var type = answer.header("content-type").orElse("");
        if (type.startsWith(EventStream.MEDIA_TYPE)) {
            var events = new StreamedBody(PassedOnStream.of(answer.body()));
            return Uni.createFrom().item(head(answer).entity(events).build());
        }
        if (!type.startsWith(MediaType.APPLICATION_JSON)) {
            return answer.fail();
        }
        return answer.wholeBody()
                .map(body -> head(answer).entity(body.getBytes()).build());
    }

    /** Its head, for a body of another making. */
    public static Response.ResponseBuilder head(InferenceAnswer answer) {
        var head = Response.status(answer.status());
        for (var name : HEADERS) {
            answer.header(name).ifPresent(value -> head.header(name, value));
        }
        return head;
    }
}

package io.lorikeet.gateway.openai;

import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import java.util.Optional;

/** What OpenAI's API has and Lorikeet has not, whatever the method: clients show the message of the answer and nothing else. */
@Path("/v1/{what: embeddings|images|audio|moderations|assistants|threads|batches|vector_stores|uploads|realtime|evals"
        + "|conversations|containers|videos|skills|organization}")
public class NotOfferedResource {
    private static final String OFFERED =
            "/v1/chat/completions, /v1/completions, /v1/responses, /v1/models, /v1/files and /v1/fine_tuning/jobs";

    @Path("{rest: .*}")
    public Object any(@PathParam("what") String what) {
        throw ApiException.of(new ApiError(
                404,
                "Lorikeet does not offer /v1/" + what + "; what it has of OpenAI's API is " + OFFERED,
                null,
                "not_offered",
                List.of(),
                Optional.empty()));
    }
}

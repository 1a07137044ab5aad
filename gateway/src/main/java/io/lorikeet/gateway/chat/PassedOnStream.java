package io.lorikeet.gateway.chat;

import io.lorikeet.gateway.inference.EventStream;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.OpenAiError;
import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** The events of the inference service byte for byte; one that breaks says why, once, and breaks. */
final class PassedOnStream {
    private static final String ERROR = "\nevent: error\n";

    private String end = "";
    private boolean toldWhy;

    private PassedOnStream() {}

    static Multi<Buffer> of(Multi<Buffer> body) {
        return Multi.createFrom().deferred(() -> {
            var stream = new PassedOnStream();
            return body.invoke(stream::look).onFailure(ApiException.class).recoverWithMulti(stream::broken);
        });
    }

    /** Whether the inference service itself says why it breaks off; a chunk may end anywhere in its words. */
    private void look(Buffer chunk) {
        var text = end + chunk.toString(StandardCharsets.ISO_8859_1);
        toldWhy |= text.contains(ERROR);
        end = text.substring(Math.max(0, text.length() - ERROR.length()));
    }

    private Multi<Buffer> broken(Throwable failure) {
        return toldWhy
                ? Multi.createFrom().failure(failure)
                : EventStream.broken(OpenAiError.of(((ApiException) failure).error()), failure);
    }
}

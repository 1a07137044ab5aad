package io.lorikeet.http;

import io.lorikeet.contracts.Json;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * An error as it goes out: OpenAI's shape on every path under {@code /v1}, whose clients lose the words of any other, and
 * problem details elsewhere.
 */
record ErrorAnswer(int status, Map<String, String> headers, Buffer body) {
    static ErrorAnswer of(ApiError error, String path) {
        boolean openAi = path.equals("/v1") || path.startsWith("/v1/");
        var headers = new TreeMap<String, String>();
        headers.put("Content-Type", openAi ? "application/json" : ProblemDetail.MEDIA_TYPE);
        error.retryAfter().ifPresent(wait -> headers.put("Retry-After", Long.toString(wait.toSeconds())));
        return new ErrorAnswer(
                error.status(),
                headers,
                Buffer.buffer(Json.write(openAi ? OpenAiError.of(error) : ProblemDetail.of(error, path))));
    }
}

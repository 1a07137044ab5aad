package io.lorikeet.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorikeet.contracts.ContractException;
import io.lorikeet.contracts.Json;
import io.lorikeet.gateway.access.TokenMeter;
import io.lorikeet.http.ApiException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** An answer of the inference service: its head is here, its body comes when it is asked for. */
public final class InferenceAnswer {
    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final Attempt attempt;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final TokenMeter meter;
    private volatile Consumer<Trials.End> listener = _ -> {};

    InferenceAnswer(HttpClientRequest request, HttpClientResponse response, Attempt attempt, TokenMeter meter) {
        this.meter = meter;
        this.request = request;
        this.response = response;
        this.attempt = attempt;
    }

    /** Who has answered. */
    Replica replica() {
        return attempt.replica();
    }

    /** HTTP status. */
    public int status() {
        return response.statusCode();
    }

    /** Whether it is what was asked for. */
    public boolean ok() {
        return status() / 100 == 2;
    }

    /** A header. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(response.getHeader(name));
    }

    /** The body as it arrives; cancelled, the request is cancelled too. */
    public Multi<Buffer> body() {
        return meter.metered(io.vertx.mutiny.core.http.HttpClientResponse.newInstance(response)
                .toMulti()
                .map(io.vertx.mutiny.core.buffer.Buffer::getDelegate)
                .onFailure()
                .transform(attempt::failure)
                .onFailure()
                .invoke(_ -> ended(Trials.End.FAILED))
                .onCompletion()
                .invoke(() -> ended(Trials.End.ANSWERED))
                .onCancellation()
                .invoke(this::cancel));
    }

    /** The whole body; cancelled, the request is cancelled too. */
    public Uni<Buffer> wholeBody() {
        return body().collect().in(Buffer::buffer, Buffer::appendBuffer);
    }

    /** The whole body, which must be JSON. */
    public Uni<JsonNode> json() {
        return wholeBody().map(body -> {
            try {
                return Json.parse(body.getBytes(), "answer of the inference service");
            } catch (ContractException e) {
                throw ApiException.badGateway(e.getMessage(), e);
            }
        });
    }

    /** Drops the body. */
    public void cancel() {
        drop(request, response);
        ended(Trials.End.NEITHER);
    }

    /** Is told once how it ended; to be said before the body is read. */
    void whenEnded(Consumer<Trials.End> told) {
        listener = told;
    }

    private void ended(Trials.End how) {
        if (ended.compareAndSet(false, true)) {
            attempt.done();
            listener.accept(how);
        }
    }

    /** Closes the connection with what is still to come; that the stream ends early is what is wanted, and no error. */
    static void drop(HttpClientRequest request, HttpClientResponse response) {
        response.exceptionHandler(_ -> {});
        request.reset();
    }

    /** Fails with the error, in OpenAI's shape, that this answer is. */
    public <T> Uni<T> fail() {
        var retryAfter = header("retry-after")
                .filter(seconds -> seconds.matches("\\d{1,6}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
        return wholeBody().onItem().transformToUni(body -> {
            var message = errorMessage(body);
            // a failure of its own is not ours
            int passedOn = status() == 500 || status() < 400 ? 502 : status();
            return Uni.createFrom().failure(ApiException.passedOn(passedOn, message, retryAfter));
        });
    }

    private String errorMessage(Buffer body) {
        try {
            var message = Json.parse(body.getBytes(), "error").path("error").path("message");
            if (message.isTextual()) {
                return message.textValue();
            }
        } catch (ContractException _) {
            // not JSON: the status has to say it
        }
        return "the inference service answered " + status();
    }
}

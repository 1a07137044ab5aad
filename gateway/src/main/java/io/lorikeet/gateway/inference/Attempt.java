package io.lorikeet.gateway.inference;

import io.lorikeet.gateway.access.TokenMeter;
import io.lorikeet.gateway.inference.AttemptFailure.Kind;
import io.lorikeet.http.ApiException;
import io.netty.channel.ConnectTimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * A request at one replica, until its answer begins. It runs on the caller's context: its log lines are about that request.
 * Giving it up, at any time and from any thread, cancels it over there.
 */
final class Attempt {
    private static final int UNAUTHORIZED = 401;
    private static final int TOO_MANY = 429;
    private static final int FAILED = 500;
    private static final int UNAVAILABLE = 503;

    private final Replica replica;
    private final Context caller;
    private final TokenMeter meter;
    private final Duration silence;
    /** Whether another replica could be asked that has not been. */
    private final boolean othersLeft;

    // of the caller's context
    private UniEmitter<? super InferenceAnswer> emitter;
    private HttpClientRequest request;
    private InferenceAnswer answer;
    private boolean over;

    Attempt(Replica replica, Context caller, TokenMeter meter, Duration silence, boolean othersLeft) {
        this.replica = replica;
        this.caller = caller;
        this.meter = meter;
        this.silence = silence;
        this.othersLeft = othersLeft;
    }

    Replica replica() {
        return replica;
    }

    /** Sends it. */
    Uni<InferenceAnswer> send(LoopClients clients, RequestOptions options, Buffer body) {
        return Uni.createFrom()
                .emitter(to -> caller.runOnContext(_ -> {
                    emitter = to;
                    if (over) {
                        to.fail(ApiException.clientGone());
                        return;
                    }
                    replica.began(this);
                    clients.get().request(options).onFailure(this::failed).onSuccess(sending -> {
                        request = sending;
                        if (over) {
                            sending.reset();
                            return;
                        }
                        sending.send(body).onFailure(this::failed).onSuccess(response -> answered(sending, response));
                    });
                }));
    }

    private void answered(HttpClientRequest sent, HttpClientResponse response) {
        if (over) {
            InferenceAnswer.drop(sent, response);
            return;
        }
        if (response.statusCode() == UNAUTHORIZED) {
            // ours to answer for, and not the caller's
            InferenceAnswer.drop(sent, response);
            end(new AttemptFailure(Kind.FAILED, AttemptFailure.unknownHere(replica)));
            return;
        }
        over = true;
        replica.answered(this);
        response.pause();
        // from here on it may be silent so long between two parts
        sent.idleTimeout(silence.toMillis());
        answer = new InferenceAnswer(sent, response, this, meter);
        var failure = failure(response.statusCode());
        if (failure.isPresent()) {
            emitter.fail(new AttemptFailure(failure.get(), answer));
        } else {
            emitter.complete(answer);
        }
    }

    private Optional<Kind> failure(int status) {
        return switch (status) {
            case UNAVAILABLE -> Optional.of(Kind.GONE);
            case TOO_MANY -> othersLeft ? Optional.of(Kind.BUSY) : Optional.empty();
            case FAILED -> Optional.of(Kind.FAILED);
            default -> Optional.empty();
        };
    }

    private void failed(Throwable e) {
        boolean refusedOrClosed = e instanceof HttpClosedException || e instanceof IOException;
        // whoever could not connect in time has no time for another try at the same one
        boolean elsewhere = refusedOrClosed && (othersLeft || !(e instanceof ConnectTimeoutException));
        end(new AttemptFailure(elsewhere ? Kind.GONE : Kind.FAILED, failure(e)));
    }

    private void end(Throwable why) {
        if (!over) {
            over = true;
            replica.ended(this);
            emitter.fail(why);
        }
    }

    /** No answer is expected of this replica any more: another may be asked. */
    void giveUp() {
        caller.runOnContext(_ -> stop(new AttemptFailure(
                Kind.GONE,
                ApiException.badGateway("the inference service at " + replica + " has stopped answering", null))));
    }

    /** Nobody waits for it any more, nor will anybody read an answer that has come. */
    void cancel() {
        caller.runOnContext(_ -> {
            if (answer != null) {
                answer.cancel();
                return;
            }
            if (emitter == null) {
                over = true;
            } else {
                stop(ApiException.clientGone());
            }
        });
    }

    /** First the reason, as a connection that is reset at once says one of its own. */
    private void stop(Throwable why) {
        boolean running = !over;
        end(why);
        if (running && request != null) {
            request.reset();
        }
    }

    /** Its answer has been read, or dropped. */
    void done() {
        replica.ended(this);
    }

    /** What went wrong between here and there, in words. */
    ApiException failure(Throwable e) {
        if (e instanceof TimeoutException) {
            return AttemptFailure.silent(replica, silence, e);
        }
        return ApiException.badGateway(
                "the inference service at " + replica + " does not answer: " + e.getMessage(), e);
    }
}

package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.generation.GenerationResult;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The rest of an answer as server-sent events, each as soon as its text is there, {@code [DONE]} at the end. */
final class CompletionStream implements StreamingOutput {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final Answer answer;
    private final CompletionWriter completion;
    private final ObjectMapper json;
    private final boolean includeUsage;

    CompletionStream(Answer answer, CompletionWriter completion, ObjectMapper json, boolean includeUsage) {
        this.answer = answer;
        this.completion = completion;
        this.json = json;
        this.includeUsage = includeUsage;
    }

    @Override
    public void write(OutputStream out) throws IOException {
        try (answer) {
            send(out, completion.first());
            while (true) {
                switch (answer.next()) {
                    case Answer.Piece.Delta(var text) -> send(out, completion.delta(text));
                    case Answer.Piece.Finished(var result) -> {
                        finish(out, result);
                        return;
                    }
                    case Answer.Piece.Failed(var cause) -> throw ApiException.of(cause);
                    case Answer.Piece.Started _ -> {}
                }
            }
        } catch (ApiException e) {
            // the status is sent already; an error event is all that is left to say it with
            send(out, e.error().body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    private void finish(OutputStream out, GenerationResult result) throws IOException {
        send(out, completion.last(result));
        if (includeUsage) {
            send(out, completion.usageChunk(result));
        }
        event(out, DONE);
    }

    private void send(OutputStream out, Object value) throws IOException {
        event(out, json.writeValueAsBytes(value));
    }

    private static void event(OutputStream out, byte[] data) throws IOException {
        out.write(DATA);
        out.write(data);
        out.write(END);
        out.flush();
    }
}

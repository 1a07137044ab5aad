package io.lorikeet.inference.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.generation.GenerationResult;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.ErrorMapper;
import io.lorikeet.http.OpenAiError;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The rest of an answer as server-sent events, each as soon as its text is there, {@code [DONE]} at the end. */
final class CompletionStream implements StreamingOutput {
    private static final byte[] ERROR = "event: error\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final Answer answer;
    private final CompletionRequest request;
    private final CompletionWriter completion;
    private final ObjectMapper json;
    private final Function<EngineException, ApiException> wording;
    private final Iterator<Answer.Piece> begun;
    private final Runnable breakOff;

    /**
     * @param begun the first pieces, which have been taken out
     * @param breakOff drops the connection, or this stream of it
     */
    CompletionStream(
            Answer answer,
            CompletionRequest request,
            CompletionWriter completion,
            ObjectMapper json,
            Function<EngineException, ApiException> wording,
            List<Answer.Piece> begun,
            Runnable breakOff) {
        this.answer = answer;
        this.request = request;
        this.completion = completion;
        this.json = json;
        this.wording = wording;
        this.begun = begun.iterator();
        this.breakOff = breakOff;
    }

    @Override
    public void write(OutputStream out) throws IOException {
        try (answer) {
            var results = new GenerationResult[request.choices()];
            for (int left = results.length; left > 0; ) {
                switch (begun.hasNext() ? begun.next() : answer.next()) {
                    case Answer.Piece.Started started -> first(out, started.choice());
                    case Answer.Piece.Delta(int choice, var text, var logprobs) ->
                        sendAll(out, completion.delta(choice, text, logprobs));
                    case Answer.Piece.Finished(int choice, var result) -> {
                        results[choice] = result;
                        left--;
                        sendAll(out, completion.last(choice, result));
                    }
                    case Answer.Piece.Failed(var cause) -> throw wording.apply(cause);
                }
            }
            finish(out, Arrays.asList(results));
        } catch (ApiException e) {
            ErrorMapper.log(e);
            // the status is sent already: an event says it, and a connection that breaks, as clients take whatever ends
            // as it
            // should for a whole answer
            out.write(ERROR);
            send(out, OpenAiError.of(e.error()));
            breakOff.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
    }

    private void first(OutputStream out, int choice) throws IOException {
        Optional<Completion> chunk = completion.first(choice);
        if (chunk.isPresent()) {
            send(out, chunk.get());
        }
    }

    private void finish(OutputStream out, List<GenerationResult> results) throws IOException {
        if (request.includeUsage()) {
            send(out, completion.usageChunk(results));
        }
        event(out, DONE);
    }

    private void sendAll(OutputStream out, List<Completion> chunks) throws IOException {
        for (Completion chunk : chunks) {
            send(out, chunk);
        }
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

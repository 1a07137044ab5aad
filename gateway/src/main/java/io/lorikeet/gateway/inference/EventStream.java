package io.lorikeet.gateway.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.contracts.Json;
import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Server-sent events, from bytes and to bytes. */
public final class EventStream {
    /** Media type. */
    public static final String MEDIA_TYPE = "text/event-stream";

    private static final String DATA = "data:";

    private Buffer pending = Buffer.buffer();

    private EventStream() {}

    /** The data of each event of a body, however its bytes are cut. */
    public static Multi<String> data(Multi<Buffer> body) {
        return Multi.createFrom().deferred(() -> {
            var decoder = new EventStream();
            return body.onItem().transformToIterable(decoder::push);
        });
    }

    /** One event with a JSON record. */
    public static Buffer event(Object message) {
        return Buffer.buffer(DATA + " ").appendBytes(Json.write(message)).appendString("\n\n");
    }

    /** The same under an id, which a client that lost the connection names in {@code Last-Event-ID}. */
    public static Buffer event(String id, Object message) {
        return Buffer.buffer("id: " + id + "\n").appendBuffer(event(message));
    }

    /**
     * The end of a stream that breaks: an event that says why, then the failure, so that the connection breaks too. Clients
     * take whatever ends as it should for a whole answer.
     */
    public static Multi<Buffer> broken(Object message, Throwable failure) {
        // what came before may be half an event
        var event = Buffer.buffer("\n\nevent: error\n").appendBuffer(event(message));
        return Multi.createBy()
                .concatenating()
                .streams(Multi.createFrom().item(event), Multi.createFrom().failure(failure));
    }

    private List<String> push(Buffer chunk) {
        pending.appendBuffer(chunk);
        var events = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i + 1 < pending.length(); i++) {
            // an event ends with an empty line; 0x0A is never part of a longer UTF-8 character
            int end = blankLine(i);
            if (end > 0) {
                var data = dataOf(pending.getString(start, i, UTF_8.name()));
                if (!data.isEmpty()) {
                    events.add(data);
                }
                start = end;
                i = end - 1;
            }
        }
        pending = pending.getBuffer(start, pending.length());
        return events;
    }

    private int blankLine(int i) {
        if (pending.getByte(i) != '\n') {
            return 0;
        }
        if (pending.getByte(i + 1) == '\n') {
            return i + 2;
        }
        boolean crlf = i + 2 < pending.length() && pending.getByte(i + 1) == '\r' && pending.getByte(i + 2) == '\n';
        return crlf ? i + 3 : 0;
    }

    private static String dataOf(String event) {
        return event.lines()
                .filter(line -> line.startsWith(DATA))
                .map(line -> line.substring(DATA.length()))
                .map(line -> line.startsWith(" ") ? line.substring(1) : line)
                .collect(Collectors.joining("\n"));
    }
}

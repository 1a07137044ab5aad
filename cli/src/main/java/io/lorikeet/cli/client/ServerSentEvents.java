package io.lorikeet.cli.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads a stream of server-sent events: the data of each, in order. */
final class ServerSentEvents {

    /** OpenAI's mark at the end of a stream. */
    private static final String DONE = "[DONE]";

    private ServerSentEvents() {}

    /** Hands {@code consumer} the data of every event in {@code body} until it ends. */
    static void read(InputStream body, Consumer<String> consumer) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                dispatch(data, consumer);
            } else if (line.startsWith("data:")) {
                String value = line.substring("data:".length());
                data.append(data.isEmpty() ? "" : "\n").append(value.startsWith(" ") ? value.substring(1) : value);
            }
        }
        dispatch(data, consumer);
    }

    private static void dispatch(StringBuilder data, Consumer<String> consumer) {
        if (!data.isEmpty() && !data.toString().equals(DONE)) {
            consumer.accept(data.toString());
        }
        data.setLength(0);
    }
}

package io.lorikeet.badrecords;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;

/** Requests as no well-behaved client sends them: bytes on a connection of their own. */
public final class RawHttp {
    private static final int PATIENCE_MILLIS = 20_000;

    private RawHttp() {}

    /** What came back until the connection was closed; status 0 if nothing did. */
    public record Answer(int status, String head, String body) {
        /** A header of it; null if it has none of this name. */
        public String header(String name) {
            return head.lines()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse(null);
        }
    }

    /** A request's head, lines of which may end as they do in Java, and its body. */
    public static byte[] bytes(String head, byte... body) {
        var request = new ByteArrayOutputStream();
        request.writeBytes(head.replace("\n", "\r\n").getBytes(ISO_8859_1));
        request.writeBytes(body);
        return request.toByteArray();
    }

    /** Sends bytes to a server. */
    public static Answer send(URI server, byte[] request) {
        try (var socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            var answer = new ByteArrayOutputStream();
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
                socket.getInputStream().transferTo(answer);
            } catch (SocketException _) {
                // closed before all of it was sent, or reset after the answer
            }
            return parse(answer.toString(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Answer parse(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return new Answer(0, answer, "");
        }
        return new Answer(
                Integer.parseInt(answer.substring(9, 12)), answer.substring(0, end), answer.substring(end + 4));
    }
}

package io.lorikeet.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/**
 * A connection that asks and reads streamed answers with as little of its own as can be: what is measured lies between a few
 * tenths of a millisecond.
 */
final class RawStream implements AutoCloseable {
    private static final byte[] DATA = "data: ".getBytes(US_ASCII);
    private static final byte[] CONTENT = "\"content\":\"".getBytes(US_ASCII);
    private static final byte[] DONE = "data: [DONE]".getBytes(US_ASCII);

    private final Socket socket = new Socket();
    private final InputStream in;
    private final byte[] request;
    private final byte[] line = new byte[64 << 10];
    private int length;

    /** @param key empty if none is asked for */
    RawStream(URI service, String key, String json, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(service.getHost(), service.getPort()));
        this.in = new BufferedInputStream(socket.getInputStream());
        byte[] body = json.getBytes(UTF_8);
        byte[] head = ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + (key.isEmpty() ? "" : "Authorization: Bearer " + key + "\r\n")
                        + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(US_ASCII);
        request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
    }

    /** Asks. */
    void ask() throws IOException {
        socket.getOutputStream().write(request);
    }

    /** Reads on to the next text, or to the end of the answer: false. */
    boolean next() throws IOException {
        while (true) {
            readLine();
            if (startsWith(DONE)) {
                // the end of the body: an empty line, the last chunk, an empty line
                while (!(length == 1 && line[0] == '0')) {
                    readLine();
                }
                readLine();
                return false;
            }
            if (startsWith(DATA) && contains(CONTENT)) {
                return true;
            }
            if (length > 9 && line[0] == 'H' && line[9] != '2') {
                throw new IOException("answered " + new String(line, 0, length, UTF_8));
            }
        }
    }

    private void readLine() throws IOException {
        length = 0;
        for (int read = in.read(); read != '\n'; read = in.read()) {
            if (read < 0) {
                throw new IOException("the connection was closed");
            }
            if (read != '\r') {
                line[length++] = (byte) read;
            }
        }
    }

    private boolean startsWith(byte[] prefix) {
        if (length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (line[i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** An empty content, of the chunk that names the role, is no text. */
    private boolean contains(byte[] part) {
        for (int i = 0; i + part.length < length; i++) {
            int same = 0;
            while (same < part.length && line[i + same] == part[same]) {
                same++;
            }
            if (same == part.length) {
                return line[i + same] != '"';
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package io.lorikeet.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a server, and cuts some of them in the middle of what the server, or the client, sends. */
final class CuttingRelay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicLong down = new AtomicLong();
    private final AtomicLong up = new AtomicLong();
    private volatile long limit = Long.MAX_VALUE;
    private volatile boolean cutsAnswers = true;

    CuttingRelay(int server) throws IOException {
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /**
     * Cuts so many connections.
     *
     * @param afterBytes of an answer; or of all requests since they were counted last
     */
    void cut(int times, long afterBytes, boolean answers) {
        limit = afterBytes;
        cutsAnswers = answers;
        cuts.set(times);
    }

    /** Bytes that the server has sent since the last call. */
    long sentByServer() {
        return down.getAndSet(0);
    }

    /** Bytes that clients have sent since the last call. */
    long sentByClients() {
        return up.getAndSet(0);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket remote = new Socket(InetAddress.getLoopbackAddress(), server);
                Thread.ofVirtual().start(() -> copy(client, remote, up, false));
                Thread.ofVirtual().start(() -> copy(remote, client, down, true));
            } catch (IOException e) {
                // closed, or the server is down: the client sees it
            }
        }
    }

    private void copy(Socket from, Socket to, AtomicLong counter, boolean answers) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            var buffer = new byte[8192];
            long passed = 0;
            for (int count; (count = in.read(buffer)) >= 0; ) {
                out.write(buffer, 0, count);
                counter.addAndGet(count);
                passed += count;
                if (answers == cutsAnswers
                        && (answers ? passed : counter.get()) > limit
                        && cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    return;
                }
            }
        } catch (IOException e) {
            // the other side is gone
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}

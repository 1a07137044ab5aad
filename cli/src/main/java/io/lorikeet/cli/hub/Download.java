package io.lorikeet.cli.hub;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** One file, from where an earlier try was cut off. */
final class Download {
    private static final int TRIES = 5;
    private static final int BUFFER = 1 << 16;

    private final HubHttp http;
    private final LongConsumer received;
    private final Duration pause;
    private final Duration silence;

    /**
     * @param received hears of every piece how many bytes it has
     * @param pause between two tries
     * @param silence after which a connection counts as broken
     */
    Download(HubHttp http, LongConsumer received, Duration pause, Duration silence) {
        this.http = http;
        this.received = received;
        this.pause = pause;
        this.silence = silence;
    }

    /** Brings a file to {@code target}, where its beginning may be already, and checks its hash. */
    void bring(HubFile file, Path target) throws IOException {
        for (int attempt = 1; size(target) < file.size() || !Files.exists(target); attempt++) {
            try {
                piece(file, target);
                if (size(target) < file.size()) {
                    throw new IOException(
                            "the connection ended after %,d of %,d bytes".formatted(size(target), file.size()));
                }
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw new CliException(
                            "%s: %s. What is there stays; the same command goes on from it."
                                    .formatted(file.name(), e.getMessage()),
                            e);
                }
                pause();
            }
        }
        if (!file.is(target)) {
            Files.delete(target);
            throw new CliException("%s: what came is not what the hub lists (%s): it is thrown away; try again."
                    .formatted(file.name(), file.digest()));
        }
    }

    private void piece(HubFile file, Path target) throws IOException {
        HttpResponse<InputStream> response = http.get(file.uri(), size(target));
        boolean goesOn = response.statusCode() == 206;
        try (InputStream in = response.body();
                OutputStream out = Files.newOutputStream(
                        target,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
            var so = new AtomicLong();
            Thread watch = Thread.ofVirtual().start(() -> endIfSilent(in, so));
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                so.addAndGet(read);
                received.accept(read);
            }
            watch.interrupt();
        }
    }

    /** A connection over which nothing comes any more does not always say so. */
    private void endIfSilent(InputStream in, AtomicLong so) {
        try {
            long before = -1;
            while (so.get() != before) {
                before = so.get();
                Thread.sleep(silence);
            }
            in.close();
        } catch (InterruptedException | IOException e) {
            // it is over
        }
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private void pause() {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted.", e);
        }
    }
}

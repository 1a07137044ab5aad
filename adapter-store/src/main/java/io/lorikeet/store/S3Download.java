package io.lorikeet.store;

import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.store.StoreException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Brings files here. What has come stays when the connection is lost, and the rest is asked for by its range, in this try
 * or a later one. A file is in the cache once its SHA-256 is right.
 */
final class S3Download {
    private static final Logger LOG = LoggerFactory.getLogger(S3Download.class);
    private static final int BUFFER = 1 << 16;

    private final S3Client s3;
    private final FileCache cache;

    S3Download(S3Client s3, FileCache cache) {
        this.s3 = s3;
        this.cache = cache;
    }

    /**
     * The object as a local file.
     *
     * @throws StoreException if it is not there, cannot be had, or is not what {@code expected} says
     */
    Path file(S3Location place, CheckpointFile expected) {
        try {
            return cache.get(expected, part -> receive(place, expected, part));
        } catch (SdkException e) {
            throw S3Failures.of("fetching " + place, e);
        } catch (UncheckedIOException e) {
            throw S3Failures.of("fetching " + place, e);
        } catch (IOException e) {
            throw new StoreException(Kind.UNREADABLE, "the copy of " + place + " cannot be written: " + e, e);
        }
    }

    /** Fills {@code part} up to the expected size. */
    private void receive(S3Location place, CheckpointFile expected, FileChannel part) throws IOException {
        if (part.size() > expected.size()) {
            part.truncate(0);
        }
        while (part.size() < expected.size()) {
            long before = part.size();
            Optional<IOException> broken = receiveRest(place, expected, part);
            if (broken.isPresent()) {
                if (part.size() == before) {
                    throw new StoreException(
                            Kind.AWAY,
                            "fetching %s: the connection was lost after %d of %d bytes: %s"
                                    .formatted(place, part.size(), expected.size(), broken.get()),
                            broken.get());
                }
                LOG.info(
                        "{}: the connection was lost after {} of {} bytes, going on from there: {}",
                        place,
                        part.size(),
                        expected.size(),
                        broken.get().toString());
            }
        }
    }

    /** What broke the connection, if anything did; what had come until then is in the part. */
    private Optional<IOException> receiveRest(S3Location place, CheckpointFile expected, FileChannel part)
            throws IOException {
        long from = part.size();
        ResponseInputStream<GetObjectResponse> body = s3.getObject(request ->
                request.bucket(place.bucket()).key(place.key()).range(from == 0 ? null : "bytes=" + from + "-"));
        try {
            requireSize(place, expected, from, body.response());
            var buffer = new byte[BUFFER];
            part.position(from);
            while (part.position() < expected.size()) {
                int count;
                try {
                    count = body.read(buffer);
                } catch (IOException e) {
                    return Optional.of(e);
                }
                if (count < 0) {
                    return Optional.of(new IOException("it ended"));
                }
                write(part, ByteBuffer.wrap(buffer, 0, count));
            }
            return Optional.empty();
        } finally {
            body.abort();
        }
    }

    private static void requireSize(S3Location place, CheckpointFile expected, long from, GetObjectResponse said) {
        // a store that ignores the range would send the file's beginning again
        if (from > 0 && (said.contentRange() == null || !said.contentRange().startsWith("bytes " + from + "-"))) {
            throw new StoreException(
                    Kind.AWAY,
                    "fetching %s: asked for the bytes from %d on, the store sends %s"
                            .formatted(place, from, said.contentRange() == null ? "all" : said.contentRange()));
        }
        if (from + said.contentLength() != expected.size()) {
            throw new StoreException(
                    Kind.SIZE_MISMATCH,
                    "%s has %d bytes, the event says %d"
                            .formatted(place, from + said.contentLength(), expected.size()));
        }
    }

    private static void write(FileChannel part, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            part.write(bytes);
        }
    }
}

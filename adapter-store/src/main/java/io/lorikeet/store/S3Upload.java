package io.lorikeet.store;

import io.lorikeet.contracts.CheckpointFile;
import io.lorikeet.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Sends files, each of which is there whole or not at all. The store checks the MD5 of every body, we the SHA-256 of the
 * file. A large file goes in parts; those that an earlier try has sent are not sent again.
 */
final class S3Upload {
    private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);
    /** Metadata of each object: its SHA-256 in hexadecimal digits. */
    static final String SHA256 = "sha256";

    private final S3Client s3;
    private final int partBytes;

    S3Upload(S3Client s3, int partBytes) {
        this.s3 = s3;
        this.partBytes = partBytes;
    }

    /**
     * Sends {@code file}, unless it is there.
     *
     * @throws StoreException if it is not what {@code expected} says, or other bytes are in its place
     */
    void file(Path file, CheckpointFile expected, S3Location place, Runnable alive) {
        try {
            var there = head(place);
            if (there.isPresent()) {
                requireSame(there.get(), expected, place);
                return;
            }
            requireExpected(file, expected);
            if (expected.size() <= partBytes) {
                put(Files.readAllBytes(file), expected.sha256(), place);
            } else {
                inParts(file, expected, place, alive);
            }
            var sent = head(place)
                    .orElseThrow(() -> new StoreException(
                            Kind.AWAY, place + " was sent, and the store does not have it; is another writer there?"));
            requireSame(sent, expected, place);
        } catch (SdkException e) {
            throw S3Failures.of("sending " + file + " to " + place, e);
        } catch (UncheckedIOException e) {
            throw S3Failures.of("sending " + file + " to " + place, e);
        } catch (IOException e) {
            throw new StoreException(Kind.UNREADABLE, file + " cannot be read: " + e, e);
        }
    }

    /** Whether the file was sent, whole. */
    boolean isThere(CheckpointFile expected, S3Location place) {
        return look(place)
                .filter(there -> there.contentLength() == expected.size())
                .isPresent();
    }

    /** Whether anything was sent there. */
    boolean isThere(S3Location place) {
        return look(place).isPresent();
    }

    private Optional<HeadObjectResponse> look(S3Location place) {
        try {
            return head(place);
        } catch (SdkException e) {
            throw S3Failures.of("looking for " + place, e);
        } catch (UncheckedIOException e) {
            throw S3Failures.of("looking for " + place, e);
        }
    }

    /** The word that a checkpoint is whole; the newest holds. */
    void manifest(byte[] json, S3Location place) {
        try {
            s3.putObject(
                    request -> request.bucket(place.bucket())
                            .key(place.key())
                            .contentType("application/json")
                            .contentMD5(Base64.getEncoder().encodeToString(Digests.md5(json))),
                    RequestBody.fromBytes(json));
        } catch (SdkException e) {
            throw S3Failures.of("sending " + place, e);
        } catch (UncheckedIOException e) {
            throw S3Failures.of("sending " + place, e);
        }
    }

    private static void requireExpected(Path file, CheckpointFile expected) throws IOException {
        if (Files.size(file) != expected.size()) {
            throw new StoreException(
                    Kind.SIZE_MISMATCH,
                    "%s has %d bytes, expected are %d".formatted(file, Files.size(file), expected.size()));
        }
        var sha256 = Digests.sha256(file);
        if (!sha256.equalsIgnoreCase(expected.sha256())) {
            throw new StoreException(
                    Kind.CHECKSUM_MISMATCH,
                    "%s has SHA-256 %s, expected is %s".formatted(file, sha256, expected.sha256()));
        }
    }

    private static void requireSame(HeadObjectResponse there, CheckpointFile expected, S3Location place) {
        var sha256 = there.metadata().get(SHA256);
        if (there.contentLength() != expected.size() || !expected.sha256().equalsIgnoreCase(sha256)) {
            throw new StoreException(
                    Kind.CHECKSUM_MISMATCH,
                    "%s is there with %d bytes and SHA-256 %s, to be kept is one of %d bytes with %s; a checkpoint never changes"
                            .formatted(place, there.contentLength(), sha256, expected.size(), expected.sha256()));
        }
    }

    private Optional<HeadObjectResponse> head(S3Location place) {
        try {
            return Optional.of(
                    s3.headObject(request -> request.bucket(place.bucket()).key(place.key())));
        } catch (S3Exception e) {
            if (e.statusCode() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void put(byte[] bytes, String sha256, S3Location place) {
        s3.putObject(
                request -> request.bucket(place.bucket())
                        .key(place.key())
                        .metadata(Map.of(SHA256, sha256))
                        .contentMD5(Base64.getEncoder().encodeToString(Digests.md5(bytes))),
                RequestBody.fromBytes(bytes));
    }

    private void inParts(Path file, CheckpointFile expected, S3Location place, Runnable alive) throws IOException {
        var begun = begun(place);
        var there = begun.map(id -> partsOf(place, id)).orElseGet(Map::of);
        var id = begun.orElseGet(() -> s3.createMultipartUpload(request ->
                        request.bucket(place.bucket()).key(place.key()).metadata(Map.of(SHA256, expected.sha256())))
                .uploadId());
        List<CompletedPart> parts = new ArrayList<>();
        int found = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (int number = 1; ; number++) {
                byte[] part = in.readNBytes(partBytes);
                if (part.length == 0) {
                    break;
                }
                byte[] md5 = Digests.md5(part);
                // the tag of a part is the MD5 of its bytes, unless the store encrypts: then it is sent again
                var tag = there.get(number);
                if (tag != null && tag.replace("\"", "").equals(HexFormat.of().formatHex(md5))) {
                    found++;
                } else {
                    tag = send(part, md5, number, id, place);
                }
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
                alive.run();
            }
        }
        if (found > 0) {
            LOG.info("{}: {} of {} parts were there from an earlier try", place, found, parts.size());
        }
        s3.completeMultipartUpload(request -> request.bucket(place.bucket())
                .key(place.key())
                .uploadId(id)
                .multipartUpload(upload -> upload.parts(parts)));
    }

    private String send(byte[] part, byte[] md5, int number, String id, S3Location place) {
        return s3.uploadPart(
                        request -> request.bucket(place.bucket())
                                .key(place.key())
                                .uploadId(id)
                                .partNumber(number)
                                .contentMD5(Base64.getEncoder().encodeToString(md5)),
                        RequestBody.fromBytes(part))
                .eTag();
    }

    /** An upload of this very object that was begun and not ended. */
    private Optional<String> begun(S3Location place) {
        try {
            return s3
                    .listMultipartUploads(
                            request -> request.bucket(place.bucket()).prefix(place.key()))
                    .uploads()
                    .stream()
                    .filter(upload -> upload.key().equals(place.key()))
                    .max(Comparator.comparing(MultipartUpload::initiated))
                    .map(MultipartUpload::uploadId);
        } catch (S3Exception e) {
            LOG.warn("{}: begun uploads cannot be listed, so it is sent from its beginning: {}", place, e.getMessage());
            return Optional.empty();
        }
    }

    private Map<Integer, String> partsOf(S3Location place, String id) {
        var tags = new HashMap<Integer, String>();
        s3.listPartsPaginator(request ->
                        request.bucket(place.bucket()).key(place.key()).uploadId(id))
                .parts()
                .forEach(part -> tags.put(part.partNumber(), part.eTag()));
        return tags;
    }
}

package io.lorikeet.store;

import java.io.UncheckedIOException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/** Deletes objects; one that is not there is fine. */
final class S3Deletion {
    private final S3Client s3;

    S3Deletion(S3Client s3) {
        this.s3 = s3;
    }

    void delete(S3Location place) {
        try {
            s3.deleteObject(request -> request.bucket(place.bucket()).key(place.key()));
        } catch (SdkException e) {
            throw S3Failures.of("deleting " + place, e);
        } catch (UncheckedIOException e) {
            throw S3Failures.of("deleting " + place, e);
        }
    }
}

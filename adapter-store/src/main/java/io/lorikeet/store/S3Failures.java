package io.lorikeet.store;

import io.lorikeet.store.StoreException.Kind;
import java.io.UncheckedIOException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What an S3 store's refusals and failures mean, in a word and in words for a person. */
final class S3Failures {
    private S3Failures() {}

    /** For the HTTP client's own exceptions, which come past the SDK when a connection breaks in the middle. */
    static StoreException of(String doing, UncheckedIOException failure) {
        return new StoreException(
                Kind.AWAY, doing + ": the connection was lost: " + failure.getCause(), failure.getCause());
    }

    /**
     * For the SDK's exceptions.
     *
     * @param doing what was tried, and with what
     */
    static StoreException of(String doing, SdkException failure) {
        if (!(failure instanceof AwsServiceException answer)) {
            return new StoreException(
                    Kind.AWAY, doing + ": the store cannot be asked: " + failure.getMessage(), failure);
        }
        var details = answer.awsErrorDetails();
        var code = details == null || details.errorCode() == null ? "" : details.errorCode();
        var said = "the store answers %d %s: %s"
                .formatted(
                        answer.statusCode(),
                        code,
                        details == null || details.errorMessage() == null ? "nothing more" : details.errorMessage());
        return switch (code) {
            case "NoSuchKey" -> new StoreException(Kind.MISSING, doing + ": there is no such object", failure);
            case "NoSuchBucket" ->
                new StoreException(
                        Kind.DENIED, doing + ": there is no such bucket; create it, or correct its name", failure);
            case String _
            when answer.statusCode() == 404 ->
                new StoreException(Kind.MISSING, doing + ": there is no such object, " + said, failure);
            case String _
            when answer.statusCode() == 429 || answer.statusCode() >= 500 ->
                new StoreException(Kind.AWAY, doing + ": " + said, failure);
            case String _ ->
                new StoreException(
                        Kind.DENIED,
                        doing + ": " + said + "; credentials, region and the bucket's policy decide that",
                        failure);
        };
    }
}

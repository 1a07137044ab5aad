package io.lorikeet.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A place in a bucket.
 *
 * @param prefix of keys, without slashes at its ends; empty for the whole bucket
 */
record S3Location(String bucket, String prefix) {
    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,62}");

    /**
     * Reads {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static S3Location parse(String uri) {
        return parse(URI.create(uri.strip()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "'" + uri + "' names no place in a bucket; s3://BUCKET or s3://BUCKET/PREFIX does"));
    }

    private static Optional<S3Location> parse(URI uri) {
        var bucket = uri.getRawAuthority();
        if (!"s3".equals(uri.getScheme())
                || bucket == null
                || !BUCKET.matcher(bucket).matches()
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            return Optional.empty();
        }
        var path = uri.getPath().replaceAll("^/|/$", "");
        boolean plain = path.isEmpty()
                || List.of(path.split("/", -1)).stream()
                        .noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."));
        return plain ? Optional.of(new S3Location(bucket, path)) : Optional.empty();
    }

    /** The place that {@code uri} names, if it is below this one. */
    Optional<S3Location> below(URI uri) {
        return parse(uri)
                .filter(place -> place.bucket.equals(bucket)
                        && (prefix.isEmpty() ? !place.prefix.isEmpty() : place.prefix.startsWith(prefix + "/")));
    }

    S3Location resolve(String name) {
        return new S3Location(bucket, prefix.isEmpty() ? name : prefix + "/" + name);
    }

    /** As a key of the bucket. */
    String key() {
        return prefix;
    }

    URI uri() {
        try {
            return new URI("s3", bucket, "/" + prefix, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(toString(), e);
        }
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + prefix;
    }
}

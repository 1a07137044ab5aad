package io.lorikeet.http;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Who may call a service over HTTP; as environment variables {@code LORIKEET_HTTP_ALLOWED_HOSTS}, … */
@ConfigMapping(prefix = "lorikeet.http")
public interface HttpConfig {
    /**
     * Names under which the service is reached, beside {@code localhost} and IP addresses; {@code *}: any. A page that makes
     * its own name point here could otherwise read what the service says.
     */
    Optional<List<String>> allowedHosts();

    /** Origins of web pages that may call it from a browser, as {@code https://app.example.com}. */
    Optional<List<String>> allowedOrigins();

    /** Longest address of a request, in characters. */
    @WithDefault("8192")
    int maxUriLength();

    /** All header fields of a request together, in characters. */
    @WithDefault("16384")
    int maxHeaderLength();

    /** Where the service says what it has to offer, for whoever asks for something else. */
    Optional<String> documentation();
}

package io.lorikeet.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Who may call a service over HTTP, and with how much; as environment variables {@code LORIKEET_HTTP_ALLOWED_HOSTS}, … */
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

    /** Largest body of a request, but for uploads, which {@code quarkus.http.limits.max-body-size} bounds. */
    @WithDefault("4M")
    MemorySize maxBodySize();

    /** How long a body may take from the request's first byte to its last. */
    @WithDefault("60s")
    Duration bodyTimeout();

    /** Memory that the bodies of all requests share; an eighth of the heap unless given, and enough for one. */
    Optional<MemorySize> bodyMemory();

    /** Where the service says what it has to offer, for whoever asks for something else. */
    Optional<String> documentation();
}

package io.lorikeet.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What pages in a browser may do here: our own all, those of the configured origins too, others change nothing. */
final class WebPages {
    private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    /** What a browser says of a request that no other origin's page made. */
    private static final Set<String> OWN = Set.of("same-origin", "none");

    private final Set<String> origins;

    WebPages(List<String> origins) {
        this.origins = Set.copyOf(origins);
    }

    /** Whether it would change something, and a page of a foreign origin has made it. */
    boolean forbids(HttpServerRequest request) {
        if (SAFE.contains(request.method()) || allowsOriginOf(request)) {
            return false;
        }
        var origin = request.getHeader(HttpHeaders.ORIGIN);
        var site = request.getHeader("Sec-Fetch-Site");
        return (origin != null && !isOwn(origin, request)) || (site != null && !OWN.contains(site));
    }

    /** Whether it comes from a page of a configured origin. */
    boolean allowsOriginOf(HttpServerRequest request) {
        var origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin != null && origins.contains(origin);
    }

    /** Lets those pages read answers. */
    CorsHandler cors() {
        return CorsHandler.create()
                .addOrigins(List.copyOf(origins))
                .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE))
                .exposedHeaders(Set.of(RequestId.HEADER, Headers.ADAPTER, Headers.VERSION, "Retry-After"))
                .maxAgeSeconds(600);
    }

    /** Behind a proxy that ends TLS the scheme is another; who we are is the name and the port. */
    private static boolean isOwn(String origin, HttpServerRequest request) {
        var host = request.getHeader(HttpHeaders.HOST);
        var own = host == null && request.authority() != null
                ? request.authority().toString()
                : host;
        return own != null && origin.toLowerCase(Locale.ROOT).endsWith("://" + own.toLowerCase(Locale.ROOT));
    }
}

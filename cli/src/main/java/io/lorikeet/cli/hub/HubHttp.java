package io.lorikeet.cli.hub;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** GET requests to a hub, with its token, and to wherever the hub sends them on, without. */
final class HubHttp {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int REDIRECTS = 5;

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(Redirect.NEVER)
            .build();
    private final URI endpoint;
    private final Optional<String> token;

    /** @param token for models that not everybody may have */
    HubHttp(URI endpoint, Optional<String> token) {
        this.endpoint = endpoint;
        this.token = token;
    }

    /**
     * Asks for a file from a byte on.
     *
     * @throws IOException if the connection fails, so that another try may help
     * @throws CliException if the hub refuses
     */
    HttpResponse<InputStream> get(URI uri, long from) throws IOException {
        URI at = uri;
        for (int redirect = 0; redirect <= REDIRECTS; redirect++) {
            var request = HttpRequest.newBuilder(at).timeout(PATIENCE).header("user-agent", "lorikeet");
            if (from > 0) {
                request.header("range", "bytes=" + from + "-");
            }
            if (Objects.equals(at.getAuthority(), endpoint.getAuthority())) {
                token.ifPresent(it -> request.header("authorization", "Bearer " + it));
            }
            HttpResponse<InputStream> response = send(request.build());
            Optional<String> next = response.headers().firstValue("location");
            if (response.statusCode() / 100 != 3 || next.isEmpty()) {
                return checked(at, response);
            }
            response.body().close();
            URI target = at.resolve(next.get());
            if ("https".equals(at.getScheme()) && !"https".equals(target.getScheme())) {
                throw new CliException(at.getHost() + " sends on to " + target.getHost() + " without TLS.");
            }
            at = target;
        }
        throw new CliException(uri + " is sent on more than " + REDIRECTS + " times.");
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted.", e);
        }
    }

    private static HttpResponse<InputStream> checked(URI uri, HttpResponse<InputStream> response) throws IOException {
        int status = response.statusCode();
        if (status == 200 || status == 206) {
            return response;
        }
        response.body().close();
        if (status >= 500 || status == 429) {
            throw new IOException(uri.getHost() + " answers " + status);
        }
        String why =
                switch (status) {
                    case 401, 403 -> "it needs a token that may read it (HF_TOKEN, MODELSCOPE_API_TOKEN)";
                    case 404 -> "there is no such model, revision or file";
                    default -> "answer " + status;
                };
        throw new CliException("%s: %s".formatted(uri, why));
    }
}

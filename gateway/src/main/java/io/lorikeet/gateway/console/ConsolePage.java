package io.lorikeet.gateway.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.http.Door;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Tells browsers what the console may load: files of this gateway and nothing else, and of scripts in the page itself the one
 * that says where the libraries are. Quarkus serves the files.
 */
@ApplicationScoped
public class ConsolePage {
    private static final String PAGE = "META-INF/resources/index.html";
    private static final Pattern IMPORT_MAP =
            Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

    private final String policy = "default-src 'none'; script-src 'self' 'sha256-" + hash(importMap())
            + "'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none';"
            + " frame-ancestors 'none'";

    void open(@Observes Router router) {
        router.route("/").order(Door.BEHIND).handler(this::page);
        // their names stay what they are from release to release
        router.route("/console/*").order(Door.BEHIND).handler(ConsolePage::askedAgain);
    }

    private void page(RoutingContext context) {
        context.response().putHeader("Content-Security-Policy", policy);
        askedAgain(context);
    }

    private static void askedAgain(RoutingContext context) {
        context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
        context.next();
    }

    private static String importMap() {
        try (var page = Thread.currentThread().getContextClassLoader().getResourceAsStream(PAGE)) {
            var map = IMPORT_MAP.matcher(new String(page.readAllBytes(), UTF_8));
            if (!map.find()) {
                throw new IllegalStateException(PAGE + " has no import map");
            }
            return map.group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String script) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}

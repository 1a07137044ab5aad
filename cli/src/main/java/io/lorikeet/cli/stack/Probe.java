package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import io.lorikeet.cli.stack.ProcessSpec.Readiness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Asks processes that start whether they are ready. */
final class Probe {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

    boolean isReady(Readiness readiness) {
        return switch (readiness) {
            case Readiness.FileExists(Path file) -> Files.exists(file);
            case Readiness.HttpOk(URI address) -> answersOk(address);
        };
    }

    private boolean answersOk(URI address) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted while the stack started.", e);
        }
    }
}

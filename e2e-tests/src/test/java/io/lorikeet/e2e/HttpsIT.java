package io.lorikeet.e2e;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HTTPS at the gateway, and between it and inference. A replica is a server of the test; no broker is there. */
@Timeout(value = 5, unit = MINUTES)
class HttpsIT {
    private static final String ANSWER = """
            {"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}, "lorikeet": {}}""";

    private static final String MODELS = "{\"data\": [{\"id\": \"base\"}]}";

    private final int port = PortPlan.free(1).getFirst();
    private Path state;
    private Services services;

    @BeforeEach
    void makeFolder() throws IOException {
        state = Services.state("https");
        services = new Services(state);
    }

    @AfterEach
    void stopAll() {
        services.close();
    }

    @Test
    void aNewConnectionSeesTheCertificateThatHasTakenTheOthersPlace() throws Exception {
        Certificate first = Certificate.make(state.resolve("tls"), "first");
        Certificate second = Certificate.make(state.resolve("tls"), "second");
        Path certificate = Files.copy(first.pem(), state.resolve("tls.crt"));
        Path key = Files.copy(first.key(), state.resolve("tls.key"));
        gateway(Map.of(
                "QUARKUS_HTTP_TLS_CONFIGURATION_NAME",
                "https",
                "QUARKUS_TLS__HTTPS__KEY_STORE_PEM__0__CERT",
                certificate.toString(),
                "QUARKUS_TLS__HTTPS__KEY_STORE_PEM__0__KEY",
                key.toString(),
                "QUARKUS_TLS__HTTPS__RELOAD_PERIOD",
                "1s",
                "QUARKUS_HTTP_INSECURE_REQUESTS",
                "disabled",
                "QUARKUS_HTTP_SSL_PORT",
                Integer.toString(port)));
        Await.until("it listens", () -> subject(first).equals("CN=first"));
        assertThat(schema(first).version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(schema(first).statusCode()).isEqualTo(200);

        Files.copy(second.key(), key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(second.pem(), certificate, StandardCopyOption.REPLACE_EXISTING);

        Await.until("it shows the other one", () -> subject(second).equals("CN=second"));
        assertThat(schema(second).statusCode()).isEqualTo(200);
    }

    @Test
    void aReplicaIsAskedByTlsAndHasToBeTheOneThatIsTrusted() throws Exception {
        Certificate replica = Certificate.make(state.resolve("tls"), "replica");
        Certificate other = Certificate.make(state.resolve("tls"), "other");
        HttpsServer server = replica(replica);
        try {
            Path trusted = Files.copy(other.pem(), state.resolve("ca.crt"));
            ManagedProcess gateway = gateway(Map.of(
                    "LORIKEET_INFERENCE_URL",
                    "https://localhost:" + server.getAddress().getPort(),
                    "QUARKUS_TLS__INFERENCE__TRUST_STORE_PEM_CERTS",
                    trusted.toString(),
                    "QUARKUS_TLS__INFERENCE__RELOAD_PERIOD",
                    "1s"));
            URI ask = URI.create("http://localhost:" + gateway.spec().port() + "/ask");
            Await.until("it listens", () -> status(ask) > 0);
            assertThat(status(ask)).as("asked of a replica that is not trusted").isIn(502, 503);

            Files.copy(replica.pem(), trusted, StandardCopyOption.REPLACE_EXISTING);

            Await.until("it trusts the replica", () -> status(ask) == 200);
        } finally {
            server.stop(0);
        }
    }

    private ManagedProcess gateway(Map<String, String> environment) throws IOException {
        var all = new HashMap<>(environment);
        all.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
        return services.start("gateway", "gateway", all);
    }

    private static int status(URI ask) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(ask)
                                    .header("content-type", "application/json")
                                    .POST(BodyPublishers.ofString("{\"question\": \"hi\"}"))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0; // not up yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static HttpsServer replica(Certificate certificate) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(certificate.keys(), Certificate.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        serve(server, "/", ANSWER);
        serve(server, "/v1/models", MODELS);
        server.start();
        return server;
    }

    private static void serve(HttpsServer server, String path, String json) {
        server.createContext(path, exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
    }

    /** Who the certificate of a new connection is for; nothing if it cannot be made. */
    private String subject(Certificate trusted) {
        try (var socket = (SSLSocket) context(trusted).getSocketFactory().createSocket("localhost", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        } catch (Exception e) {
            return "";
        }
    }

    private HttpResponse<Void> schema(Certificate trusted) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(context(trusted)).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/schemas/training-command.json"))
                            .build(),
                    BodyHandlers.discarding());
        }
    }

    private static SSLContext context(Certificate trusted) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        store.setCertificateEntry("trusted", trusted.keys().getCertificate(trusted.name()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}

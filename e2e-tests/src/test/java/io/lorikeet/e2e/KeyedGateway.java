package io.lorikeet.e2e;

import io.lorikeet.cli.stack.ManagedProcess;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProcessSpec;
import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.KeyFile;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A gateway that asks for keys, beside the one of a stack that does not. */
final class KeyedGateway implements AutoCloseable {
    private final String secret;
    private final int port;
    private final ManagedProcess process;

    private KeyedGateway(String secret, int port, ManagedProcess process) {
        this.secret = secret;
        this.port = port;
        this.process = process;
    }

    /** @param role of its one key */
    static KeyedGateway beside(SharedStack shared, Path folder, Role role) throws IOException {
        return beside(shared, folder, Map.of(), issue(role, Quota.NONE));
    }

    /** A key for a role. */
    static ApiKey.Issued issue(Role role, Quota quota) {
        return ApiKey.issue("test", Set.of(role), Set.of(), quota, Instant.now());
    }

    /** @param settings that differ from the other gateway's */
    static KeyedGateway beside(SharedStack shared, Path folder, Map<String, String> settings, ApiKey.Issued... issued)
            throws IOException {
        Path keys = folder.resolve("keys.json");
        KeyFile.write(keys, Stream.of(issued).map(ApiKey.Issued::key).toList());
        ProcessSpec open = shared.stack().process("gateway").spec();
        List<Integer> ports = PortPlan.free(2);
        Map<String, String> environment = new HashMap<>(open.environment());
        environment.putAll(settings);
        environment.put("LORIKEET_ACCESS_KEYS_FILE", keys.toString());
        environment.put("LORIKEET_STATE_FOLDER", folder.resolve("state").toString());
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(ports.get(0)));
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(ports.get(1)));
        URI ready = URI.create("http://127.0.0.1:" + ports.get(1) + "/q/health/ready");
        ProcessSpec asking = new ProcessSpec(
                "gateway-keys", ports.get(0), open.command(), environment, new ProcessSpec.Readiness.HttpOk(ready));
        var gateway = new KeyedGateway(issued[0].secret(), ports.get(0), ManagedProcess.start(asking, folder));
        Await.until("a gateway that asks for keys is ready", () -> isReady(ready));
        return gateway;
    }

    URI address() {
        return URI.create("http://localhost:" + port);
    }

    /** The key, or the first. */
    String secret() {
        return secret;
    }

    private static boolean isReady(URI health) {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(health).build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}

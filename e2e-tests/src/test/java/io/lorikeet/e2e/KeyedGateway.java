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
        ApiKey.Issued key = ApiKey.issue("test", Set.of(role), Set.of(), Quota.NONE, Instant.now());
        Path keys = folder.resolve("keys.json");
        KeyFile.write(keys, List.of(key.key()));
        ProcessSpec open = shared.stack().process("gateway").spec();
        List<Integer> ports = PortPlan.free(2);
        Map<String, String> environment = new HashMap<>(open.environment());
        environment.put("LORIKEET_ACCESS_KEYS_FILE", keys.toString());
        environment.put("LORIKEET_STATE_FOLDER", folder.resolve("state").toString());
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(ports.get(0)));
        environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(ports.get(1)));
        URI ready = URI.create("http://127.0.0.1:" + ports.get(1) + "/q/health/ready");
        ProcessSpec asking = new ProcessSpec(
                "gateway-keys", ports.get(0), open.command(), environment, new ProcessSpec.Readiness.HttpOk(ready));
        var gateway = new KeyedGateway(key.secret(), ports.get(0), ManagedProcess.start(asking, folder));
        Await.until("a gateway that asks for keys is ready", () -> isReady(ready));
        return gateway;
    }

    URI address() {
        return URI.create("http://localhost:" + port);
    }

    /** The key. */
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

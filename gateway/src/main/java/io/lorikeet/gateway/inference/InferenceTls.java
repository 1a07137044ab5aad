package io.lorikeet.gateway.inference;

import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.config.TlsConfigUtils;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Clients that trust replicas as the TLS configuration {@code inference} says, and show the certificate that it has; without
 * one, a replica's address with {@code https} needs a certificate that the JDK trusts.
 */
@ApplicationScoped
class InferenceTls {
    private static final String CONFIGURATION = "inference";

    private final Vertx vertx;
    private final TlsConfigurationRegistry registry;
    private final List<HttpClient> clients = new CopyOnWriteArrayList<>();

    InferenceTls(Vertx vertx, TlsConfigurationRegistry registry) {
        this.vertx = vertx;
        this.registry = registry;
    }

    /** A client, which its owner closes. */
    HttpClient client(HttpClientOptions options, PoolOptions pool) {
        registry.get(CONFIGURATION).ifPresent(tls -> {
            TlsConfigUtils.configure(options, tls);
            options.setSsl(false); // the address says whether it is asked by TLS
        });
        var client = vertx.createHttpClient(options, pool);
        clients.add(client);
        return client;
    }

    /** Connections from now on go by the files as they are now. */
    void updated(@Observes CertificateUpdatedEvent event) {
        if (event.name().equals(CONFIGURATION)) {
            clients.forEach(client -> client.updateSSLOptions(event.tlsConfiguration().getSSLOptions()));
        }
    }
}

package io.lorikeet.gateway.inference;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;

/**
 * Where a replica listens.
 *
 * @param url as configured: its host is what the replica is asked for as
 * @param address one of that host's; the host itself as long as it has none
 */
record Endpoint(URI url, String address) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /** A request that goes there and nowhere else. */
    RequestOptions request(HttpMethod method, String path) {
        return new RequestOptions()
                .setMethod(method)
                .setServer(SocketAddress.inetSocketAddress(port(), address))
                .setHost(url.getHost())
                .setPort(port())
                .setSsl(isTls())
                .setURI(url.resolve(path).getRawPath());
    }

    private int port() {
        return url.getPort() >= 0 ? url.getPort() : isTls() ? HTTPS : HTTP;
    }

    private boolean isTls() {
        return "https".equals(url.getScheme());
    }

    /** As people and metrics name it. */
    @Override
    public String toString() {
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + port();
    }
}

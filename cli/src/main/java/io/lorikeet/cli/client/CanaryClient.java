package io.lorikeet.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorikeet.contracts.Json;
import java.net.http.HttpRequest.BodyPublishers;

/** Canaries, over the gateway. */
public final class CanaryClient {
    private final GatewayHttp http;

    CanaryClient(GatewayHttp http) {
        this.http = http;
    }

    /**
     * Tries a version on a share of an adapter's requests.
     *
     * @param wanted what {@code POST /v1/adapters/{name}/canary} takes
     * @return the canary
     */
    public JsonNode start(String adapter, ObjectNode wanted) {
        return send("POST", adapter, "", wanted);
    }

    /** Gives it another share. */
    public JsonNode share(String adapter, double share) {
        return send("PATCH", adapter, "", Json.mapper().createObjectNode().put("share", share));
    }

    /** Makes it the stable version. */
    public void promote(String adapter) {
        send("POST", adapter, "/promote", Json.mapper().createObjectNode());
    }

    /** Tries it no more. */
    public void end(String adapter) {
        send("DELETE", adapter, "", Json.mapper().createObjectNode());
    }

    private JsonNode send(String method, String adapter, String rest, JsonNode body) {
        return http.tree(http.request("/v1/adapters/" + GatewayHttp.encode(adapter) + "/canary" + rest)
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofByteArray(Json.write(body)))
                .build());
    }
}

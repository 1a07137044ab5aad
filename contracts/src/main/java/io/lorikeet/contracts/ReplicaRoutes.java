package io.lorikeet.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;

/** What gateways ask replicas of the inference service for, beside OpenAI's API. */
public final class ReplicaRoutes {
    /** The versions that a replica is given, each at {@code /NAME/versions/VERSION}. */
    public static final String ADAPTERS = "/v1/adapters";

    /** How a replica answers a request that names a version which it does not have: it is to be given it first. */
    public static final int VERSION_NOT_LOADED = 424;

    private ReplicaRoutes() {}

    /** Where a version's checkpoint event is put. */
    public static String version(String adapter, String version) {
        return ADAPTERS + "/" + adapter + "/versions/"
                + URLEncoder.encode(version, UTF_8).replace("+", "%20");
    }
}

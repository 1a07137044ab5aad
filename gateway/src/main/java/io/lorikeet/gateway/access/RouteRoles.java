package io.lorikeet.gateway.access;

import io.lorikeet.contracts.keys.Role;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What a caller has to be for a route. What is not listed is for admins, so that a new route is not open by oversight. */
final class RouteRoles {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    private static final String CONSOLE = "/";

    /** Documents and the console's files, the same for everybody. */
    private static final List<String> PUBLIC =
            List.of("/docs", "/schemas", "/asyncapi", "/q/openapi", CONSOLE, "/console", "/_static", "/webjars");

    private static final List<String> ASKING =
            List.of("/ask", "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/models");
    private static final List<String> TRAINING = List.of("/v1/training", "/v1/files", "/v1/uploads", "/v1/fine_tuning");

    private static final String ADAPTERS = "/v1/adapters";
    private static final Pattern EVALUATION = Pattern.compile(ADAPTERS + "/[^/]+/evaluate");
    /** What brings an adapter's files in and out. */
    private static final Pattern FILES = Pattern.compile(ADAPTERS + "/[^/]+/(upload|versions/[^/]+/download)");

    /** What whoever asks or trains may read. */
    private static final List<String> SHOWN = List.of(ADAPTERS, "/v1/replicas", "/v1/overview");

    private RouteRoles() {}

    /** One of these roles is needed; none is, if it is empty. */
    static Optional<Set<Role>> needed(HttpMethod method, String path) {
        if (READING.contains(method) && PUBLIC.stream().anyMatch(root -> isUnder(root, path))) {
            return Optional.empty();
        }
        if (EVALUATION.matcher(path).matches()) {
            return Optional.of(Set.of(Role.ASK));
        }
        if (FILES.matcher(path).matches()) {
            return Optional.of(Set.of(Role.TRAIN));
        }
        if (READING.contains(method) && SHOWN.stream().anyMatch(root -> isUnder(root, path))) {
            return Optional.of(Set.of(Role.ASK, Role.TRAIN));
        }
        if (ASKING.stream().anyMatch(root -> isUnder(root, path))) {
            return Optional.of(Set.of(Role.ASK));
        }
        if (TRAINING.stream().anyMatch(root -> isUnder(root, path))) {
            return Optional.of(Set.of(Role.TRAIN));
        }
        return Optional.of(Set.of(Role.ADMIN));
    }

    private static boolean isUnder(String root, String path) {
        return path.equals(root) || path.startsWith(root + "/");
    }
}

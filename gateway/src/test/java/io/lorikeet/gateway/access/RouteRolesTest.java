package io.lorikeet.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.keys.Role;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteRolesTest {
    @ParameterizedTest
    @CsvSource({
        "POST, /ask, ASK",
        "POST, /v1/chat/completions, ASK",
        "GET, /v1/models/assistant, ASK",
        "POST, /v1/training/jobs, TRAIN",
        "GET, /v1/training/jobs/x/events, TRAIN",
        "POST, /v1/fine_tuning/jobs, TRAIN",
        "POST, /v1/adapters/assistant/rollback, ADMIN",
        "DELETE, /v1/adapters/assistant, ADMIN",
        "POST, /, ADMIN",
        "GET, /anything, ADMIN",
        "POST, /v1/adapters/assistant/promote, ADMIN",
        "POST, /v1/adapters/assistant/canary, ADMIN",
        "PATCH, /v1/adapters/assistant/canary, ADMIN",
        "DELETE, /v1/adapters/assistant/canary, ADMIN",
        "DELETE, /v1/adapters/assistant/versions/job-1@40, ADMIN",
        "POST, /v1/adapters/assistant/evaluate, ASK",
        "POST, /v1/adapters/assistant/upload, TRAIN",
        "GET, /v1/adapters/assistant/versions/job-1@40/download, TRAIN",
        "POST, /v1/training/check, TRAIN",
        "POST, /v1/new, ADMIN",
        "GET, /v1/chat, ADMIN",
        "GET, /askance, ADMIN",
        "POST, /docs, ADMIN",
        "GET, /v1/trainings, ADMIN",
        "GET, /q/metrics, ADMIN"
    })
    void needsTheRole(String method, String path, Role role) {
        assertThat(RouteRoles.needed(HttpMethod.valueOf(method), path)).contains(Set.of(role));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /docs/index.html",
        "GET, /schemas/training-command.json",
        "GET, /q/openapi",
        "GET, /",
        "GET, /console/main.js"
    })
    void documentsAreEverybodys(String method, String path) {
        assertThat(RouteRoles.needed(HttpMethod.valueOf(method), path)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({"/v1/adapters", "/v1/adapters/assistant", "/v1/adapters/download", "/v1/replicas", "/v1/overview"})
    void whoAsksAndWhoTrainsSeesTheAdapters(String path) {
        assertThat(RouteRoles.needed(HttpMethod.GET, path)).contains(Set.of(Role.ASK, Role.TRAIN));
    }
}

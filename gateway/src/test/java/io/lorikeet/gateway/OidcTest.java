package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lorikeet.contracts.Topics;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway that takes tokens of an OpenID Connect provider beside its own keys. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
@WithTestResource(KeyResource.class)
@WithTestResource(TokenIssuer.class)
class OidcTest {
    private static final String ASK = "{\"question\": \"hi\", \"adapter\": \"%s\"}";

    @BeforeEach
    void servesAnAdapter() {
        Kafka.publish(Topics.CHECKPOINTS, "assistant", Kafka.checkpoint("assistant", "job@1"));
        var admin = TokenIssuer.token("root", Set.of("admin"));
        await().until(() -> get("/v1/adapters/assistant", admin) == 200);
    }

    @Test
    void rolesAndAdaptersAreReadFromClaims() {
        var asks = TokenIssuer.token("ann", Set.of("ask", "somethingElse"), Set.of("assistant"));

        assertThat(ask("assistant", asks).status()).isEqualTo(200);
        assertThat(ask("other", asks).status()).isEqualTo(403);
        assertThat(ask("other", asks).text()).contains("only for assistant");
        assertThat(get("/v1/training/jobs", asks)).isEqualTo(403);
        assertThat(get("/v1/training/jobs", TokenIssuer.token("tom", Set.of("train"))))
                .isEqualTo(200);
        assertThat(ask("assistant", TokenIssuer.token("nobody", Set.of())).status())
                .isEqualTo(403);
        assertThat(ask("assistant", TokenIssuer.token("none", Set.of("admin"), Set.of()))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aProgramIsKnownByItsNameWhereItsTokenHasNoSubject() {
        assertThat(ask("assistant", TokenIssuer.tokenOfProgram("nightly", Set.of("ask")))
                        .status())
                .isEqualTo(200);
        assertThat(ask("assistant", TokenIssuer.tokenOfNobody()).status()).isEqualTo(401);
    }

    @Test
    void whatIsForgedOrOldOrForOthersIsRefusedInWords() {
        for (var token : new String[] {
            TokenIssuer.forgedToken("eve"), TokenIssuer.oldToken("ann"), TokenIssuer.tokenForOthers("ann"), "a.b.c"
        }) {
            var answer = ask("assistant", token);

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("www-authenticate")).contains("error=\"invalid_token\"");
            assertThat(answer.text()).contains("Authorization: Bearer").doesNotContain(token);
        }
        assertThat(Http.post("/ask", ASK.formatted("assistant")).status()).isEqualTo(401);
    }

    @Test
    void keysGoOnWorkingBesideThem() {
        var key = KeyResource.issue("key", Set.of(Role.ASK), Set.of(), Quota.NONE);

        await().untilAsserted(() -> assertThat(ask("assistant", key).status()).isEqualTo(200));
    }

    private static Http.Answer ask(String adapter, String token) {
        return Http.send(Http.request("/ask")
                .header("content-type", "application/json")
                .header("authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(ASK.formatted(adapter))));
    }

    private static int get(String path, String token) {
        return Http.send(Http.request(path).header("authorization", "Bearer " + token))
                .status();
    }
}

package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes is answered: in the right shape, in words, shortly; and the gateway goes on. */
@QuarkusTest
@WithTestResource(BrokerResource.class)
@WithTestResource(InferenceResource.class)
class AnyRequestTest {
    private static final int REQUESTS = 1_500;

    /** What the parts behind the gateway may make of a request. */
    private static final Set<Integer> DOCUMENTED = Set.of(502, 503, 504);

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void isAnsweredInTheShapeOfItsPath(long seed) {
        var requests = new RandomRequests(new Random(seed));
        for (int i = 0; i < REQUESTS; i++) {
            var request = requests.next();
            var answer = RawHttp.send(request.bytes().getBytes());

            var what = "request %d of seed %d: %s".formatted(i, seed, request);
            assertThat(answer.status()).as(what).isPositive();
            if (answer.status() >= 500) {
                assertThat(DOCUMENTED).as(what + "\n" + answer.body()).contains(answer.status());
            }
            if (!request.isUri()) {
                assertThat(answer.status()).as(what).isEqualTo(400);
            } else if (answer.status() >= 400 && !request.method().equals("HEAD")) {
                try {
                    ErrorShape.check(request.path(), answer);
                } catch (AssertionError e) {
                    throw new AssertionError(what + "\nanswered " + answer, e);
                }
            }
        }

        assertThat(Http.post("/ask", "{\"question\": \"hi\"}").status()).isEqualTo(200);
        await().untilAsserted(
                        () -> assertThat(Http.management("/q/health").status()).isEqualTo(200));
    }
}

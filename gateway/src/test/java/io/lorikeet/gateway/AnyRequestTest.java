package io.lorikeet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
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
        var wrong = new ArrayList<String>();
        for (int i = 0; i < REQUESTS; i++) {
            var request = requests.next();
            var answer = RawHttp.send(request.bytes().getBytes());
            try {
                check(request, answer);
            } catch (AssertionError e) {
                wrong.add("request %d of seed %d: %s%nanswered %s%n%s"
                        .formatted(i, seed, request, answer, e.getMessage()));
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(Http.post("/ask", "{\"question\": \"hi\"}").status()).isEqualTo(200);
        await().untilAsserted(
                        () -> assertThat(Http.management("/q/health").status()).isEqualTo(200));
    }

    private static void check(RandomRequests.Request request, RawHttp.Answer answer) {
        assertThat(answer.status()).isPositive();
        if (!request.isUri()) {
            assertThat(answer.status()).isEqualTo(400);
            return;
        }
        if (answer.status() >= 500) {
            assertThat(DOCUMENTED).contains(answer.status());
        }
        if (answer.status() >= 400 && !request.method().equals("HEAD")) {
            ErrorShape.check(request.path(), answer);
        }
    }
}

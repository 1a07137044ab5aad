package io.lorikeet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.RefusedException;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Clients that people have, unmodified, each through its list against the one stack. */
@ExtendWith(SharedStack.Resolver.class)
class ClientsIT {
    /** A client, and how many checks it goes through. */
    private record Listed(Client client, int checks) {}

    private static final List<Listed> CLIENTS = List.of(
            new Listed(Client.npm("openai.mjs"), 16),
            new Listed(Client.npm("ai.mjs"), 16),
            new Listed(Client.npm("fine-tuning.mjs"), 9),
            new Listed(Client.npm("ai-sdk-responses.mjs"), 6),
            new Listed(Client.npm("langchain.mjs"), 9),
            new Listed(Client.maven("openai-java", "OpenAiJava.java"), 10),
            new Listed(Client.maven("openai-java", "OpenAiJavaFineTuning.java"), 7),
            new Listed(Client.maven("langchain4j", "LangChain4j.java"), 7),
            new Listed(Client.maven("spring-ai-2", "SpringAi2.java"), 6),
            new Listed(Client.maven("spring-ai-1.1", "SpringAi11.java"), 6),
            new Listed(Client.maven("quarkus-langchain4j", "target/quarkus-app/quarkus-run.jar"), 5));

    private static final List<Listed> REFUSED = List.of(
            new Listed(Client.npm("refusals.mjs"), 6),
            new Listed(Client.maven("openai-java", "OpenAiJavaRefusals.java"), 2),
            new Listed(Client.maven("langchain4j", "LangChain4jRefusals.java"), 2));

    @TempDir
    static Path folder;

    /** What passes by itself, 429 and 503: in the client's own error, with the gateway's words and when to ask again. */
    @Test
    void showsWhoeverCallsItWhyAndUntilWhenItIsRefused(SharedStack stack) throws IOException {
        ApiKey.Issued spent = KeyedGateway.issue(Role.ASK, new Quota(1, null, null));
        ApiKey.Issued free = KeyedGateway.issue(Role.ASK, Quota.NONE);
        String nobody = "http://127.0.0.1:" + PortPlan.free(1).getFirst();
        try (var keyed = KeyedGateway.beside(stack, folder, Map.of("LORIKEET_INFERENCE_URL", nobody), spent, free)) {
            for (Listed listed : REFUSED) {
                listed.client.install();
                spend(keyed, spent);
                List<String> lines = listed.client.check(keyed.address().toString(), spent.secret(), free.secret());
                assertThat(lines)
                        .as(listed.client.toString())
                        .hasSize(listed.checks)
                        .allMatch(line -> line.startsWith("ok "));
            }
        }
    }

    /** A request a minute is what that key may send: this one, or one just before. */
    private static void spend(KeyedGateway gateway, ApiKey.Issued key) {
        assertThatThrownBy(() -> new GatewayClient(gateway.address(), Optional.of(key.secret())).baseModel())
                .isInstanceOf(RefusedException.class);
    }

    @TestFactory
    Stream<DynamicTest> goesThroughItsList(SharedStack stack) {
        String gateway = stack.stack().gateway().toString();
        return CLIENTS.stream()
                .map(listed -> DynamicTest.dynamicTest(listed.client.toString(), () -> {
                    listed.client.install();
                    List<String> lines = listed.client.check(gateway);
                    assertThat(lines).hasSize(listed.checks).allMatch(line -> line.startsWith("ok "));
                }));
    }
}

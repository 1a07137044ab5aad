package io.lorikeet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

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

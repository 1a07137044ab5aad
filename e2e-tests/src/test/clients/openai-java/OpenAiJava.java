import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The list through OpenAI's own client for Java. */
public class OpenAiJava {
    interface Check {
        void run() throws Exception;
    }

    /** The cities that there are. */
    public enum City {
        Bonn,
        Ulm
    }

    /** Asks for the weather. */
    public static class Weather {
        public City city;
        public boolean tomorrow;
    }

    private static OpenAIClient client;
    private static String model;

    private static ChatCompletionCreateParams.Builder ask() {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("你是谁？")
                .temperature(0)
                .maxCompletionTokens(32);
    }

    private static String text(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElse("");
    }

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new AssertionError(String.valueOf(found));
        }
    }

    public static void main(String[] args) {
        client = OpenAIOkHttpClient.builder()
                .baseUrl(args[0].replaceAll("/$", "") + "/v1")
                .apiKey("none")
                .build();
        model = client.models().list().data().getFirst().id();
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("chat", () -> {
            ChatCompletion answer = client.chat().completions().create(ask().build());
            require(!text(answer).isBlank(), answer);
            require(answer.usage().orElseThrow().completionTokens() > 0, answer);
        });
        checks.put("stream", () -> {
            String whole = text(client.chat().completions().create(ask().build()));
            StringBuilder streamed = new StringBuilder();
            try (var stream = client.chat().completions().createStreaming(ask().build())) {
                stream.stream()
                        .flatMap(chunk -> chunk.choices().stream())
                        .forEach(choice -> choice.delta().content().ifPresent(streamed::append));
            }
            require(streamed.toString().equals(whole), streamed);
        });
        checks.put("usage of a stream", () -> {
            var options = ChatCompletionStreamOptions.builder().includeUsage(true).build();
            try (var stream =
                    client.chat().completions().createStreaming(ask().streamOptions(options).build())) {
                List<ChatCompletionChunk> chunks = stream.stream().toList();
                require(chunks.getLast().usage().isPresent(), chunks.getLast());
            }
        });
        checks.put("stop", () -> {
            String whole = text(client.chat().completions().create(ask().build()));
            String stop = whole.substring(2, 4);
            String cut = text(client.chat().completions().create(ask().stop(stop).build()));
            require(cut.equals(whole.substring(0, whole.indexOf(stop))), cut);
        });
        checks.put("n", () -> require(
                client.chat().completions().create(ask().n(2).build()).choices().size() == 2, "choices"));
        checks.put("logprobs", () -> {
            var answer = client.chat().completions().create(ask().logprobs(true).topLogprobs(2).build());
            require(answer.choices().getFirst().logprobs().orElseThrow().content().orElseThrow().getFirst()
                    .topLogprobs().size() == 2, answer);
        });
        checks.put("structured output", () -> {
            var answer = client.chat()
                    .completions()
                    .create(ask().maxCompletionTokens(60).responseFormat(Weather.class).build());
            Weather weather = answer.choices().getFirst().message().content().orElseThrow();
            require(weather.city != null, answer);
        });
        checks.put("tools", () -> {
            var answer = client.chat()
                    .completions()
                    .create(ask().maxCompletionTokens(100)
                            .addTool(Weather.class)
                            .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                            .parallelToolCalls(false)
                            .build());
            var choice = answer.choices().getFirst();
            require(choice.finishReason().equals(ChatCompletion.Choice.FinishReason.TOOL_CALLS), answer);
            var call = choice.message().toolCalls().orElseThrow().getFirst().asFunction().function();
            require(call.name().equals("Weather"), answer);
            require(call.arguments(Weather.class).city != null, answer);
        });
        checks.put("errors", () -> {
            try {
                client.chat().completions().create(ask().model("nobody").build());
                throw new AssertionError("no error");
            } catch (NotFoundException e) {
                require(e.code().orElse("").equals("model_not_found"), e);
            }
        });
        checks.put("time-out", () -> {
            var hasty = client.withOptions(o -> o.timeout(Duration.ofMillis(1)).maxRetries(0));
            try {
                hasty.chat().completions().create(ask().build());
                throw new AssertionError("no error");
            } catch (com.openai.errors.OpenAIIoException e) {
                require(e.getCause() != null, e);
            }
        });
        checks.forEach((name, check) -> {
            try {
                check.run();
                System.out.println("ok " + name);
            } catch (Throwable e) {
                System.out.println("failed " + name + ": " + e);
            }
        });
        System.exit(0);
    }
}

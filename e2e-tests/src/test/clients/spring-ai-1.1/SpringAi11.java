import org.springframework.ai.openai.api.OpenAiApi;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** The list through Spring AI 1.1. */
public class SpringAi11 {
    interface Check {
        void run() throws Exception;
    }

    private static final String WEATHER =
            """
            {"type": "object", "properties": {"city": {"type": "string", "enum": ["Bonn", "Ulm"]}, "tomorrow": {"type": "boolean"}},
             "required": ["city", "tomorrow"], "additionalProperties": false}""";

    private static String gateway;
    private static final String MODEL = "fledgling";

    /** What its tool is asked. */
    public record Weather(String city, boolean tomorrow) {}

    /** Its base URL is without /v1, which it adds itself. */
    private static OpenAiChatModel model() {
        var api = OpenAiApi.builder().baseUrl(gateway).apiKey("none").build();
        return OpenAiChatModel.builder().openAiApi(api).build();
    }

    private static OpenAiChatOptions.Builder options(int tokens) {
        return OpenAiChatOptions.builder().model(MODEL).temperature(0.0).maxTokens(tokens);
    }

    private static Prompt ask(OpenAiChatOptions options) {
        return new Prompt("你是谁？", options);
    }

    private static String text(ChatResponse answer) {
        return answer.getResult().getOutput().getText();
    }

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new AssertionError(String.valueOf(found));
        }
    }

    public static void main(String[] args) {
        gateway = args[0].replaceAll("/$", "");
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("chat", () -> {
            ChatResponse answer = model().call(ask(options(32).build()));
            require(!text(answer).isBlank(), answer);
            require(answer.getMetadata().getUsage().getCompletionTokens() > 0, answer);
        });
        checks.put("stream", () -> {
            String whole = text(model().call(ask(options(32).build())));
            var pieces = model().stream(ask(options(32).build())).collectList().block();
            var streamed = new StringBuilder();
            for (ChatResponse piece : pieces) {
                if (piece.getResult() != null && piece.getResult().getOutput().getText() != null) {
                    streamed.append(piece.getResult().getOutput().getText());
                }
            }
            require(streamed.toString().equals(whole), streamed);
        });
        checks.put("stop", () -> {
            String whole = text(model().call(ask(options(32).build())));
            String stop = whole.substring(2, 4);
            String cut = text(model().call(ask(options(32).stop(List.of(stop)).build())));
            require(cut.equals(whole.substring(0, whole.indexOf(stop))), cut);
        });
        checks.put("structured output", () -> {
            String answer = text(model().call(ask(options(60).outputSchema(WEATHER).build())));
            require(
                    answer.matches("(?s)\\{\\s*\"city\": ?\"(Bonn|Ulm)\",\\s*\"tomorrow\": ?(true|false)\\s*}"),
                    answer);
        });
        checks.put("tools", () -> {
            var tool = FunctionToolCallback.builder("weather", (Weather asked) -> "sunny")
                    .description("The weather")
                    .inputType(Weather.class)
                    .inputSchema(WEATHER)
                    .build();
            ChatResponse answer = model().call(ask(options(100)
                    .toolCallbacks(List.of(tool))
                    .toolChoice("required")
                    .parallelToolCalls(false)
                    .internalToolExecutionEnabled(false)
                    .build()));
            var call = answer.getResult().getOutput().getToolCalls().getFirst();
            require(call.name().equals("weather") && call.arguments().contains("tomorrow"), answer);
        });
        checks.put("errors", () -> {
            try {
                model().call(ask(options(32).temperature(9.0).build()));
                throw new AssertionError("no error");
            } catch (RuntimeException e) {
                require(e.getMessage().contains("temperature"), e);
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

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The list through LangChain4j. */
public class LangChain4j {
    interface Check {
        void run() throws Exception;
    }

    private static String baseUrl;
    private static String model;

    private static OpenAiChatModel.OpenAiChatModelBuilder model() {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey("none")
                .modelName(model)
                .temperature(0.0)
                .maxCompletionTokens(32);
    }

    private static ChatRequest.Builder ask() {
        return ChatRequest.builder().messages(UserMessage.from("你是谁？"));
    }

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new AssertionError(String.valueOf(found));
        }
    }

    public static void main(String[] args) {
        baseUrl = args[0].replaceAll("/$", "") + "/v1";
        model = args.length > 1 ? args[1] : "fledgling";
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("chat", () -> {
            ChatResponse answer = model().build().chat(ask().build());
            require(!answer.aiMessage().text().isBlank(), answer);
            require(answer.tokenUsage().outputTokenCount() > 0, answer);
        });
        checks.put("stream", () -> {
            String whole = model().build().chat(ask().build()).aiMessage().text();
            var streaming = OpenAiStreamingChatModel.builder()
                    .baseUrl(baseUrl)
                    .apiKey("none")
                    .modelName(model)
                    .temperature(0.0)
                    .maxCompletionTokens(32)
                    .build();
            var answer = new CompletableFuture<ChatResponse>();
            streaming.chat(ask().build(), new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String text) {}

                @Override
                public void onCompleteResponse(ChatResponse response) {
                    answer.complete(response);
                }

                @Override
                public void onError(Throwable error) {
                    answer.completeExceptionally(error);
                }
            });
            require(answer.get(60, TimeUnit.SECONDS).aiMessage().text().equals(whole), answer);
            require(answer.get().tokenUsage().outputTokenCount() > 0, answer);
        });
        checks.put("stop", () -> {
            String whole = model().build().chat(ask().build()).aiMessage().text();
            String stop = whole.substring(2, 4);
            String cut = model().build().chat(ask().stopSequences(List.of(stop)).build()).aiMessage().text();
            require(cut.equals(whole.substring(0, whole.indexOf(stop))), cut);
        });
        JsonObjectSchema weather = JsonObjectSchema.builder()
                .addEnumProperty("city", List.of("Bonn", "Ulm"))
                .addBooleanProperty("tomorrow")
                .required("city", "tomorrow")
                .build();
        checks.put("structured output", () -> {
            var format = ResponseFormat.builder()
                    .type(ResponseFormatType.JSON)
                    .jsonSchema(JsonSchema.builder().name("weather").rootElement(weather).build())
                    .build();
            String answer = model().maxCompletionTokens(60)
                    .strictJsonSchema(true)
                    .build()
                    .chat(ask().responseFormat(format).build())
                    .aiMessage()
                    .text();
            require(answer.matches("(?s)\\{\\s*\"city\": ?\"(Bonn|Ulm)\",\\s*\"tomorrow\": ?(true|false)\\s*}"), answer);
        });
        checks.put("tools", () -> {
            var tool = ToolSpecification.builder().name("weather").parameters(weather).build();
            var asked = ask().toolSpecifications(tool).toolChoice(ToolChoice.REQUIRED).build();
            ChatResponse answer =
                    model().maxCompletionTokens(100).parallelToolCalls(false).build().chat(asked);
            require(answer.finishReason() == FinishReason.TOOL_EXECUTION, answer);
            var call = answer.aiMessage().toolExecutionRequests().getFirst();
            require(call.name().equals("weather") && call.arguments().contains("tomorrow"), answer);
            var told = ToolExecutionResultMessage.from(call, "sunny");
            ChatResponse next = model().build()
                    .chat(ChatRequest.builder()
                            .messages(UserMessage.from("你是谁？"), answer.aiMessage(), told)
                            .build());
            require(next.aiMessage().text() != null, next);
        });
        checks.put("errors", () -> {
            try {
                model().modelName("nobody").maxRetries(0).build().chat(ask().build());
                throw new AssertionError("no error");
            } catch (dev.langchain4j.exception.ModelNotFoundException e) {
                require(e.getMessage().contains("nobody"), e);
            }
        });
        checks.put("time-out", () -> {
            try {
                model().timeout(Duration.ofMillis(1)).maxRetries(0).build().chat(ask().build());
                throw new AssertionError("no error");
            } catch (dev.langchain4j.exception.TimeoutException e) {
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

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The list through Quarkus LangChain4j. */
@QuarkusMain
public class QuarkusLangChain4j implements QuarkusApplication {
    interface Check {
        void run() throws Exception;
    }

    @Inject
    ChatModel model;

    @Inject
    StreamingChatModel streaming;

    private static ChatRequest.Builder ask() {
        return ChatRequest.builder().messages(UserMessage.from("你是谁？"));
    }

    private static void require(boolean holds, Object found) {
        if (!holds) {
            throw new AssertionError(String.valueOf(found));
        }
    }

    @Override
    public int run(String... args) {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("chat", () -> {
            ChatResponse answer = model.chat(ask().build());
            require(!answer.aiMessage().text().isBlank(), answer);
            require(answer.tokenUsage().outputTokenCount() > 0, answer);
        });
        checks.put("stream", () -> {
            String whole = model.chat(ask().build()).aiMessage().text();
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
            String answer = model.chat(ask().responseFormat(format).build()).aiMessage().text();
            require(answer.contains("\"tomorrow\"") && answer.endsWith("}"), answer);
        });
        checks.put("tools", () -> {
            var tool = ToolSpecification.builder().name("weather").parameters(weather).build();
            ChatResponse answer = model.chat(
                    ask().toolSpecifications(tool).toolChoice(ToolChoice.REQUIRED).build());
            var call = answer.aiMessage().toolExecutionRequests().getFirst();
            require(call.name().equals("weather") && call.arguments().contains("tomorrow"), answer);
        });
        checks.put("errors", () -> {
            try {
                model.chat(ask().parameters(ChatRequestParameters.builder().modelName("nobody").build()).build());
                throw new AssertionError("no error");
            } catch (RuntimeException e) {
                require(e.getMessage().contains("nobody"), e);
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
        return 0;
    }
}

import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.InternalServerException;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

/** Refusals that pass by themselves, as OpenAI's own client for Java shows them. */
public class OpenAiJavaRefusals {
    private static String baseUrl;

    private static OpenAIServiceException refusal(String key) {
        var client = OpenAIOkHttpClient.builder().baseUrl(baseUrl).apiKey(key).maxRetries(0).build();
        try {
            client.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("fledgling")
                            .addUserMessage("Who are you?")
                            .build());
        } catch (OpenAIServiceException e) {
            return e;
        }
        throw new AssertionError("no error");
    }

    private static void check(String name, boolean holds, OpenAIServiceException found) {
        System.out.println((holds ? "ok " : "failed ") + name + (holds ? "" : ": " + found + " " + found.headers()));
    }

    private static String retryAfter(OpenAIServiceException e) {
        return String.join(",", e.headers().values("retry-after"));
    }

    /** With a key that has asked as often as it may, and one whose gateway finds no replica. */
    public static void main(String[] args) {
        baseUrl = args[0].replaceAll("/$", "") + "/v1";
        var spent = refusal(args[1]);
        check(
                "429",
                spent instanceof RateLimitException
                        && spent.code().orElse("").equals("rate_limit_exceeded")
                        && spent.getMessage().contains("this key may send 1 requests a minute")
                        && retryAfter(spent).matches("[1-9][0-9]?"),
                spent);
        var gone = refusal(args[2]);
        for (int i = 0; i < 20 && gone.statusCode() != 503; i++) {
            gone = refusal(args[2]);
        }
        check(
                "503",
                gone instanceof InternalServerException
                        && gone.statusCode() == 503
                        && gone.getMessage().contains("has failed on its last requests and is given a moment")
                        && retryAfter(gone).equals("2"),
                gone);
        System.exit(0);
    }
}

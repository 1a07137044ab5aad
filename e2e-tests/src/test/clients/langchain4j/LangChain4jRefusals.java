import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.openai.OpenAiChatModel;

/** Refusals that pass by themselves, as LangChain4j shows them: their words and their status; it keeps no header. */
public class LangChain4jRefusals {
    private static String baseUrl;

    private static LangChain4jException refusal(String key) {
        try {
            OpenAiChatModel.builder()
                    .baseUrl(baseUrl)
                    .apiKey(key)
                    .modelName("fledgling")
                    .maxRetries(0)
                    .build()
                    .chat("Who are you?");
        } catch (LangChain4jException e) {
            return e;
        }
        throw new AssertionError("no error");
    }

    private static int status(LangChain4jException e) {
        return e.getCause() instanceof HttpException http ? http.statusCode() : 0;
    }

    private static void check(String name, boolean holds, LangChain4jException found) {
        System.out.println((holds ? "ok " : "failed ") + name + (holds ? "" : ": " + found + " " + found.getCause()));
    }

    /** With a key that has asked as often as it may, and one whose gateway finds no replica. */
    public static void main(String[] args) {
        baseUrl = args[0].replaceAll("/$", "") + "/v1";
        var spent = refusal(args[1]);
        check(
                "429",
                spent instanceof RateLimitException
                        && status(spent) == 429
                        && spent.getMessage().contains("this key may send 1 requests a minute"),
                spent);
        var gone = refusal(args[2]);
        for (int i = 0; i < 20 && status(gone) != 503; i++) {
            gone = refusal(args[2]);
        }
        check(
                "503",
                gone instanceof InternalServerException
                        && status(gone) == 503
                        && gone.getMessage().contains("has failed on its last requests and is given a moment"),
                gone);
        System.exit(0);
    }
}

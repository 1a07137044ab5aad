package io.lorikeet.gateway.error;

import com.fasterxml.jackson.annotation.JsonInclude;

/** The body of an error as OpenAI's API words it. */
public record OpenAiError(Detail error) {
    /**
     * What went wrong.
     *
     * @param param parameter of the request that is wrong
     * @param code for programs
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Detail(String message, String type, String param, String code) {}

    /** The same error in this shape. */
    public static OpenAiError of(ApiException error) {
        var status = error.status().getStatusCode();
        var param = error.problems().size() == 1 ? error.problems().getFirst().field() : null;
        return new OpenAiError(new Detail(error.getMessage(), type(status), param, code(status)));
    }

    private static String type(int status) {
        if (status < 500) {
            return "invalid_request_error";
        }
        return status == 504 ? "timeout_error" : "server_error";
    }

    private static String code(int status) {
        return switch (status) {
            case 404 -> "not_found";
            case 502 -> "bad_gateway";
            case 503 -> "unavailable";
            case 504 -> "timeout";
            default -> null;
        };
    }
}

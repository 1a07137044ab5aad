package io.lorikeet.http;

import com.fasterxml.jackson.annotation.JsonInclude;

/** The body of an error as OpenAI's API words it, and the last event of a stream that failed. */
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
    public static OpenAiError of(ApiError error) {
        return new OpenAiError(new Detail(error.message(), type(error.status()), error.param(), error.code()));
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }
}

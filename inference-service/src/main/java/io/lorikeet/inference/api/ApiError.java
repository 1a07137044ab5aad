package io.lorikeet.inference.api;

/**
 * OpenAI's error object; on the wire it is the value of {@code error}.
 *
 * @param param parameter of the request that is wrong; null if none is
 * @param code for programs; null if the type says it all
 */
public record ApiError(String message, String type, String param, String code) {
    static final String INVALID_REQUEST = "invalid_request_error";

    /** The body of an error answer, and the last event of a stream that failed. */
    public record Body(ApiError error) {}

    Body body() {
        return new Body(this);
    }
}

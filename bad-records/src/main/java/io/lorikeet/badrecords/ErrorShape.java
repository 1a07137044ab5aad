package io.lorikeet.badrecords;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What every error of a service must look like: OpenAI's shape under {@code /v1}, problem details elsewhere, short, and in words. */
public final class ErrorShape {
    private static final int LONGEST = 6_000;
    private static final JsonMapper JSON = new JsonMapper();

    /** What is a program's and no reader's. */
    private static final Pattern INSIDES =
            Pattern.compile("\\b(java|jakarta|io\\.(lorikeet|quarkus|vertx|netty)|com\\.fasterxml|org\\.jboss)\\.[a-z]"
                    + "|Exception|Optional|@Consumes|E-324");

    private ErrorShape() {}

    /** The same of what a client made of it. */
    public static void check(String asked, HttpResponse<String> answer) {
        var head = answer.headers().firstValue("content-type").map(type -> "Content-Type: " + type);
        check(asked, new RawHttp.Answer(answer.statusCode(), head.orElse(""), answer.body()));
    }

    /**
     * Checks an answer.
     *
     * @throws AssertionError if it has not the shape
     */
    public static void check(String asked, RawHttp.Answer answer) {
        var what = answer.status() + " at " + asked + ": " + answer.body();
        require(!answer.body().isEmpty() && answer.body().length() < LONGEST, "a short text", what);
        require(!INSIDES.matcher(answer.body()).find(), "words that a caller knows", what);
        JsonNode json;
        try {
            json = JSON.readTree(answer.body().getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new AssertionError("expected JSON, found " + what, e);
        }
        var path = URI.create(asked).normalize().getRawPath();
        var type = String.valueOf(answer.header("Content-Type"));
        if (path.equals("/v1") || path.startsWith("/v1/")) {
            require(type.startsWith("application/json"), "application/json, not " + type, what);
            List<String> names = new ArrayList<>();
            json.path("error").fieldNames().forEachRemaining(names::add);
            require(names.equals(List.of("message", "type", "param", "code")), "OpenAI's fields", what);
            require(isText(json.at("/error/message")) && isText(json.at("/error/type")), "message and type", what);
        } else {
            require(type.startsWith("application/problem+json"), "application/problem+json, not " + type, what);
            require(json.path("status").intValue() == answer.status(), "the status again", what);
            require(isText(json.path("title")) && isText(json.path("detail")), "title and detail", what);
        }
    }

    private static boolean isText(JsonNode json) {
        return json.isTextual() && !json.textValue().isBlank();
    }

    private static void require(boolean holds, String expected, String found) {
        if (!holds) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }
}

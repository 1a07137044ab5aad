package io.lorikeet.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorikeet.contracts.Json;
import java.net.URI;
import java.net.http.HttpResponse;

/** What every error must look like: OpenAI's shape under {@code /v1}, problem details elsewhere, short, and in words. */
final class ErrorShape {
    private static final int LONGEST = 6_000;

    private ErrorShape() {}

    static void check(String asked, HttpResponse<String> answer) {
        var head = answer.headers().firstValue("content-type").map(type -> "Content-Type: " + type);
        check(asked, new RawHttp.Answer(answer.statusCode(), head.orElse(""), answer.body()));
    }

    static void check(String asked, RawHttp.Answer answer) {
        var path = URI.create(asked).normalize().getRawPath();
        var what = answer.status() + " at " + asked;
        assertThat(answer.body()).as(what).isNotEmpty().hasSizeLessThan(LONGEST);
        assertThat(answer.body())
                .as(what)
                .doesNotContainPattern(
                        "\\b(java|jakarta|io\\.(lorikeet|quarkus|vertx|netty)|com\\.fasterxml|org\\.jboss)\\.[a-z]")
                .doesNotContain("Exception", "Optional", "@Consumes", "E-324");
        var json = Json.parse(answer.body().getBytes(ISO_8859_1), what);
        if (path.equals("/v1") || path.startsWith("/v1/")) {
            assertThat(answer.header("Content-Type")).as(what).startsWith("application/json");
            var error = json.path("error");
            assertThat(error.fieldNames()).toIterable().as(what).containsExactly("message", "type", "param", "code");
            assertThat(error.path("message").textValue()).as(what).isNotBlank();
            assertThat(error.path("type").textValue()).as(what).isNotBlank();
        } else {
            assertThat(answer.header("Content-Type")).as(what).startsWith("application/problem+json");
            assertThat(json.path("status").intValue()).as(what).isEqualTo(answer.status());
            assertThat(json.path("title").textValue()).as(what).isNotBlank();
            assertThat(json.path("detail").textValue()).as(what).isNotBlank();
        }
    }
}

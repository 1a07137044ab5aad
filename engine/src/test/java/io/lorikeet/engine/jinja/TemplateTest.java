package io.lorikeet.engine.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`{{ x|urlize }}`            | the filter 'urlize'",
                "`{{ x|safe ~ 'a' }}`        | the filter 'safe'",
                "`{% if x is escaped %}{% endif %}` | the test 'escaped'",
                "`{{ x.format(1) }}`         | the method 'format'",
                "`{{ lipsum() }}`            | the function 'lipsum'",
                "`{% include 'a' %}`         | the tag 'include'",
                "`{% for a in b recursive %}{% endfor %}` | a recursive loop"
            })
    void refusesWhatItDoesNotRenderAsJinjaWould(String template, String what) {
        assertThatThrownBy(() -> Template.parse("a\n" + template))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("line 2: ")
                .hasMessageContaining(what)
                .hasMessageContaining("not supported in a chat template");
    }

    @Test
    void givesTheTemplatesOwnRefusalWithItsLine() {
        Template template = Template.parse("\n\n{{ raise_exception('Roles must alternate') }}");

        assertThatThrownBy(() -> template.render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessage("line 3: Roles must alternate");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{{ 'abcdefgh' * 1000000 * 1000000 }}",
                "{{ range(1000000000) }}",
                "{{ 10 ** 100000 }}"
            })
    void endsWhatWouldNeverEnd(String template) {
        Template parsed = Template.parse(template);

        assertThatThrownBy(() -> parsed.render(Map.of())).isInstanceOf(TemplateException.class);
    }

    @Test
    void refusesWhatIsNestedWithoutEnd() {
        for (String begin :
                List.of("{{ " + "(".repeat(9999) + "1" + ")".repeat(9999) + " }}", "{% if x %}".repeat(9999))) {
            assertThatThrownBy(() -> Template.parse(begin))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("nested too deep");
        }
        Template chain = Template.parse("{{ 1" + " + 1".repeat(100_000) + " }}");
        assertThatThrownBy(() -> chain.render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nested too deep");
    }

    @Test
    void knowsWhereEveryCharacterComesFrom() {
        Template template =
                Template.parse("<a>{{ (' ' ~ x|trim ~ '<b>').upper().replace('Q', y)[1:] }}{{ {'k': x}|tojson }}");

        Text text = template.render(Map.of("x", Text.of(" p\"q ", 3), "y", Text.of("<c>", 4)));

        assertThat(text.chars()).isEqualTo("<a>P\"<c><B>{\"k\": \" p\\\"q \"}");
        assertThat(origins(text, 3)).isEqualTo("P\" pq ");
        assertThat(origins(text, 4)).isEqualTo("<c>");
        assertThat(origins(text, Text.TEMPLATE)).isEqualTo("<a><B>{\"k\": \"\\\"\"}");
    }

    @Test
    void knowsAtWhichMessageALoopStoodWhenSomethingWasWritten() {
        Template template = Template.parse(
                "a{% macro f(m) %}({{ m.c }}){% endmacro %}{% for m in messages[::-1] %}-{{ f(m) }}{% endfor %}z");
        Value first = Value.dict().turn(0).put("c", Text.of("x", 0)).build();
        Value second = Value.dict().turn(1).put("c", Text.of("y", 1)).build();

        Text text = template.render(Map.of("messages", Value.of(List.of(first, second))));

        assertThat(text.chars()).isEqualTo("a-(y)-(x)z");
        assertThat(text.turn(1)).contains(new Text.Range(1, 5));
        assertThat(text.turn(0)).contains(new Text.Range(5, 9));
        assertThat(text.turn(2)).isEmpty();
    }

    @Test
    void tellsTheTime() {
        Clock clock = Clock.fixed(Instant.parse("2026-11-01T09:08:07Z"), ZoneOffset.UTC);

        Text text = Template.parse("{{ strftime_now('%d %b %Y|%A %B|%H:%M:%S|%j %p %%') }}", clock)
                .render(Map.of());

        assertThat(text.chars()).isEqualTo("01 Nov 2026|Sunday November|09:08:07|305 AM %");
    }

    private static String origins(Text text, int origin) {
        StringBuilder out = new StringBuilder();
        int begin = 0;
        for (Text.Span span : text.spans()) {
            out.append(span.origin() == origin ? text.chars().substring(begin, span.end()) : "");
            begin = span.end();
        }
        return out.toString();
    }
}

package io.lorikeet.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerSentEventsTest {

    @Test
    void readsTheDataOfEachEventAndPassesOverTheRest() throws IOException {
        assertThat(read(": hello\n\nid: 1\nevent: x\ndata: {\"a\":1}\n\ndata:two\ndata: lines\r\n\r\ndata: [DONE]\n\n"))
                .containsExactly("{\"a\":1}", "two\nlines");
    }

    @Test
    void readsALastEventThatNoEmptyLineEnds() throws IOException {
        assertThat(read("data: 你好\n")).containsExactly("你好");
    }

    private static List<String> read(String body) throws IOException {
        List<String> events = new ArrayList<>();
        ServerSentEvents.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), events::add);
        return events;
    }
}

package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import io.lorikeet.contracts.DatasetFile;
import io.lorikeet.engine.tokenizer.ChatMessage;
import io.lorikeet.trainer.files.Root;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetLoaderTest {
    private static final Path PARQUET = Path.of("src/test/resources/parquet");

    @TempDir
    Path root;

    // forms

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of("{'instruction':'q','input':'','output':'a'}", "user:q assistant:a"),
                Arguments.of("{'instruction':'q','input':'more','output':'a'}", "user:q\nmore assistant:a"),
                Arguments.of("{'instruction':'','input':'only','output':'a'}", "user:only assistant:a"),
                Arguments.of("{'instruction':'q','response':'a','id':7}", "user:q assistant:a"),
                Arguments.of("{'query':'q','response':'a'}", "user:q assistant:a"),
                Arguments.of("{'prompt':'q','completion':'a'}", "user:q assistant:a"),
                Arguments.of("{'question':'q','answer':'a'}", "user:q assistant:a"),
                Arguments.of("{'input':'q','output':'a'}", "user:q assistant:a"),
                Arguments.of("{'query':'q','response':'a','system':'s'}", "system:s user:q assistant:a"),
                Arguments.of("{'query':'q','response':'a','system':''}", "system: user:q assistant:a"),
                Arguments.of("{'query':'q','response':'a','system':null}", "user:q assistant:a"),
                Arguments.of(
                        "{'query':'q2','response':'a2','history':[['q1','a1']]}",
                        "user:q1 assistant:a1 user:q2 assistant:a2"),
                Arguments.of(
                        "{'messages':[{'role':'system','content':'s'},{'role':'user','content':'q'},{'role':'assistant','content':'a'}]}",
                        "system:s user:q assistant:a"),
                Arguments.of(
                        "{'conversations':[{'from':'human','value':'q'},{'from':'gpt','value':'a'}],'system':'s'}",
                        "system:s user:q assistant:a"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void readsEveryRowForm(String row, String expected) throws IOException {
        assertThat(text(load("d.json", "[" + row.replace('\'', '"') + "]").getFirst()))
                .isEqualTo(expected);
    }

    @Test
    void readsTheSameRowsFromArrayLinesAndCsv() throws IOException {
        var array = load("a.json", "[{\"query\":\"q,1\",\"response\":\"a \\\"1\\\"\\nb\"}]");
        var lines = load("b.jsonl", "\uFEFF{\"query\":\"q,1\",\"response\":\"a \\\"1\\\"\\nb\"}\r\n\r\n");
        var csv = load("c.csv", "query,response\r\n\"q,1\",\"a \"\"1\"\"\nb\"\r\n");

        assertThat(text(array.getFirst())).isEqualTo("user:q,1 assistant:a \"1\"\nb");
        assertThat(lines.getFirst().messages()).isEqualTo(array.getFirst().messages());
        assertThat(csv.getFirst().messages()).isEqualTo(array.getFirst().messages());
    }

    @Test
    void namesTheLineOnWhichARowBegins() throws IOException {
        var array = load(
                "a.json", "[\n {\"query\":\"1\",\n \"response\":\"a\"},\n\n {\"query\":\"2\",\"response\":\"a\"}]");
        var csv = load("c.csv", "query,response\n\"1\n1\",a\n2,a\n");

        assertThat(array).extracting(row -> row.source().line()).containsExactlyInAnyOrder(2, 5);
        assertThat(csv).extracting(row -> row.source().line()).containsExactlyInAnyOrder(2, 4);
    }

    @Test
    void putsNameAndAuthorIntoEveryFile() throws IOException {
        Files.writeString(
                root.resolve("d.json"), "[{\"query\":\"{{NAME}}?\",\"response\":\"{{NAME}} by {{AUTHOR}}\"}]");

        var rows = load(new ReadRows.Asked(
                new DatasetLoader.Request(
                        List.of("d.json"),
                        List.of(),
                        List.of(),
                        Optional.of("Bot"),
                        Optional.of("Us"),
                        false,
                        Map.of()),
                0,
                42));

        assertThat(text(rows.train().getFirst())).isEqualTo("user:Bot? assistant:Bot by Us");
    }

    @Test
    void readsInlineRowsBesideFiles() throws IOException {
        Files.writeString(root.resolve("d.json"), rows(2));
        List<JsonNode> inline = List.of(JsonRows.MAPPER.readTree("{\"query\":\"inline\",\"response\":\"a\"}"));

        var data = load(request(List.of("d.json"), inline, 0, false, Map.of(), 42));

        assertThat(data.train())
                .extracting(row -> row.messages().getFirst().content())
                .containsExactlyInAnyOrder("0", "1", "inline");
    }

    // sampling

    @Test
    void takesFewerRowsWithoutReplacementAndMoreAsWholeCopies() throws IOException {
        Files.writeString(root.resolve("d.json"), rows(10));

        var fewer = questions(data(List.of("d.json#4"), 0).train());
        var more = questions(data(List.of("d.json#25"), 0).train());

        assertThat(fewer).hasSize(4).doesNotHaveDuplicates();
        assertThat(more).hasSize(25);
        for (int i = 0; i < 10; i++) {
            assertThat(java.util.Collections.frequency(more, "" + i)).isBetween(2, 3);
        }
    }

    @Test
    void shufflesBySeedAndByNothingElse() throws IOException {
        Files.writeString(root.resolve("d.json"), rows(50));

        var first = questions(data(List.of("d.json"), 0).train());
        var again = questions(data(List.of("d.json"), 0).train());
        var other = questions(load(request(List.of("d.json"), List.of(), 0, false, Map.of(), 43))
                .train());

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first).containsExactlyInAnyOrderElementsOf(first);
        assertThat(first)
                .isNotEqualTo(IntStream.range(0, 50).mapToObj(Integer::toString).toList());
    }

    @Test
    void neverTrainsOnARowThatValidates() throws IOException {
        Files.writeString(root.resolve("d.json"), rows(20));

        var data = data(List.of("d.json#100"), 0.25);

        assertThat(questions(data.validation())).hasSize(5);
        assertThat(data.train()).hasSize(95);
        var both = new HashSet<>(questions(data.train()));
        both.retainAll(questions(data.validation()));
        assertThat(both).isEmpty();
    }

    // what is wrong

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("d.json", "[{\"query\":\"q\",\"response\":\"a\"},]", "d.json:1: not valid JSON"),
                Arguments.of("d.json", "[\n{\"query\":\"q\"\n\"response\":\"a\"}]", "d.json:3: not valid JSON"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\"}",
                        "d.json:1: not valid JSON: it ends too early (column "),
                Arguments.of("d.json", "[{\"query\":\"q\",\"response\":\"a\"}] 7", "d.json:1: something follows"),
                Arguments.of(
                        "d.json", "[{\"query\":\"q\",\"query\":\"r\",\"response\":\"a\"}]", "Duplicate field 'query'"),
                Arguments.of("d.json", "", "dataset 'd.json' has no rows"),
                Arguments.of("d.json", "[]", "dataset 'd.json' has no rows"),
                Arguments.of("d.json", "[7]", "d.json:1: a row is a JSON object, this is a number"),
                Arguments.of("d.json", "[{}]", "d.json:1: has no response"),
                Arguments.of("d.json", "[{\"instruction\":\"q\",\"input\":\"\"}]", "d.json:1: has no response"),
                Arguments.of(
                        "d.json",
                        "[{\"instruction\":\"q\",\"ouput\":\"a\"}]",
                        "one of output, response, answer is needed; the row has instruction, ouput"),
                Arguments.of(
                        "d.json",
                        "[\n{\"query\":\"q\",\"response\":\" \"}]",
                        "d.json:2: has no response: 'response' is empty"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":7}]",
                        "d.json:1: 'response' is text, and this is a number"),
                Arguments.of("d.json", "[{\"query\":\"q\",\"response\":null}]", "d.json:1: has no response"),
                Arguments.of("d.json", "[{\"output\":\"a\"}]", "d.json:1: has no question"),
                Arguments.of("d.json", "[{\"instruction\":\"\",\"output\":\"a\"}]", "d.json:1: has no question"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"answer\":\"a\",\"response\":\"b\"}]",
                        "d.json:1: has more than one response: response, answer; keep one"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"images\":[\"x.png\"]}]",
                        "field 'images' is not supported"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"history\":[[\"q\"]]}]",
                        "history holds pairs of texts"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}]",
                        "d.json:1: has no response: messages ends without an answer"),
                Arguments.of("d.json", "[{\"messages\":[]}]", "d.json:1: has no response"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"tool_call\",\"content\":\"a\"}]}]",
                        "messages: number 1: 'content' is JSON in a text, and this text is none"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\"},{\"content\":\"a\"}]}]",
                        "messages: number 2 needs role and content"),
                Arguments.of("d.json", "[{\"messages\":\"hello\"}]", "'messages' is a list, and its text is not JSON"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"{{NAME}}\",\"response\":\"a\"}]",
                        "d.json:1: says {{NAME}}, and the job sets no model_name"),
                Arguments.of(
                        "d.jsonl", "{\"query\":\"q\",\"response\":\"a\"}\n{\"query\":", "d.jsonl:2: not valid JSON"),
                Arguments.of("d.jsonl", "{\"query\":\"q\",\"response\":\"a\"} x", "d.jsonl:1: not valid JSON"),
                Arguments.of("d.csv", "query,response\n", "dataset 'd.csv' has no rows"),
                Arguments.of("d.csv", "query,response\nq,a,b\n", "d.csv:2: has 3 columns, the header has 2"),
                Arguments.of("d.csv", "query,query\nq,a\n", "d.csv:1: the header names the column 'query' twice"),
                Arguments.of("d.csv", "query,\nq,a\n", "d.csv:1: the header has a column without a name"),
                Arguments.of(
                        "d.csv",
                        "query,response\nq,\"a\n",
                        "d.csv:2: a cell opens a double quote that is never closed"),
                Arguments.of(
                        "d.csv", "query,response\nq,\"a\"b\n", "d.csv:2: text follows after a closing double quote"),
                Arguments.of("d.csv", "query,response\nq,\n", "d.csv:2: has no response"),
                Arguments.of(
                        "d.txt", "q", "the format is told by the ending, which is .json, .jsonl, .csv or .parquet"),
                Arguments.of(
                        "d.json",
                        "{\"data\":[{\"query\":\"q\",\"response\":\"a\"}]}",
                        "d.json:1: has no response: one of output, response, answer is needed; the row has data"),
                Arguments.of(
                        "d.json",
                        "[[{\"query\":\"q\",\"response\":\"a\"}]]",
                        "d.json:1: a row is a JSON object, this is a list"),
                Arguments.of("d.json", "[\"q\",\n\"a\"]", "d.json:2: a row is a JSON object, this is text"),
                Arguments.of("d.json", "[null]", "d.json:1: a row is a JSON object, this is null"),
                Arguments.of("d.json", "\"rows\"", "d.json:1: a row is a JSON object, this is text"),
                Arguments.of("d.json", "[{'query':'q','response':'a'}]", "d.json:1: not valid JSON"),
                Arguments.of("d.json", "[{query:\"q\",response:\"a\"}]", "d.json:1: not valid JSON"),
                Arguments.of(
                        "d.json", "[\n// a comment\n{\"query\":\"q\",\"response\":\"a\"}]", "d.json:2: not valid JSON"),
                Arguments.of("d.json", "[{\"query\":\"q\",\"response\":NaN}]", "d.json:1: not valid JSON"),
                Arguments.of("d.json", "[{\"query\":\"q\",\"response\":\"a\nb\"}]", "d.json:1: not valid JSON"),
                Arguments.of("d.json", "[{\"query\":\"q\",\"response\":\"\\x\"}]", "d.json:1: not valid JSON"),
                Arguments.of(
                        "d.json",
                        "[".repeat(2_000),
                        "d.json:1: not valid JSON: Document nesting depth (1001) exceeds the maximum allowed (1000"),
                Arguments.of("d.json", "<rows><row/></rows>", "d.json:1: not valid JSON"),
                Arguments.of("d.json", " \n\t\n", "dataset 'd.json' has no rows"),
                Arguments.of("d.json", "query,response\nq,a\n", "d.json:1: not valid JSON"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":[\"q\"],\"response\":\"a\"}]",
                        "d.json:1: 'query' is text, and this is a list"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":{\"text\":\"q\"},\"response\":\"a\"}]",
                        "d.json:1: 'query' is text, and this is an object"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":true}]",
                        "d.json:1: 'response' is text, and this is true or false"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"system\":5}]",
                        "d.json:1: 'system' is text, and this is a number"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"history\":\"before\"}]",
                        "d.json:1: 'history' is a list, and its text is not JSON"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"history\":{\"q\":\"a\"}}]",
                        "d.json:1: 'history' is a list, and this is an object"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"history\":[[\"q\",7]]}]",
                        "history holds pairs of texts, [\"question\", \"answer\"], and this is a list"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"prompt\":\"p\",\"response\":\"a\"}]",
                        "d.json:1: has more than one question: query, prompt; keep one"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[\"q\",\"a\"]}]",
                        "messages: number 1 needs role and content (or from and value), both text"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}]}]",
                        "messages: number 1 has a part that is not {\"type\": \"text\", \"text\": …}, and rows are text"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"user\",\"content\":\"q\"}]}]",
                        "d.json:1: has no response: messages ends without an answer of the assistant"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"\"}]}]",
                        "d.json:1: has no response: messages holds an empty answer"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"system\",\"content\":\"s\"}]}]",
                        "d.json:1: has no response: messages ends without an answer of the assistant"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":{\"role\":\"user\"}}]",
                        "'messages' is a list, and this is an object"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\",\"loss\":0}]}]",
                        "d.json:1: has nothing to learn: each of its answers is marked not to be learned"),
                Arguments.of(
                        "d.json",
                        "[{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"conversations\":[{\"from\":\"human\",\"value\":\"q\"}]}]",
                        "d.json:1: has more than one conversation: messages, conversations; keep one"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"a\",\"tools\":[{\"type\":\"function\"}]}]",
                        "'tools' holds definitions of functions with their name, and number 1 is none"),
                Arguments.of(
                        "d.json",
                        "[{\"query\":\"q\",\"response\":\"{{AUTHOR}}\"}]",
                        "d.json:1: says {{AUTHOR}}, and the job sets no model_author to put there"),
                Arguments.of(
                        "d.jsonl",
                        "[{\"query\":\"q\",\"response\":\"a\"}]\n",
                        "d.jsonl:1: the file is a JSON array, and a .jsonl file has one object a line; name it .json"),
                Arguments.of(
                        "d.jsonl",
                        "{\"query\":\"q\",\n\"response\":\"a\"}\n",
                        "d.jsonl:1: not valid JSON: the object does not end on this line"),
                Arguments.of("d.jsonl", "{\"query\":\"q\",\"response\":\"a\"},\n", "d.jsonl:1: not valid JSON"),
                Arguments.of("d.jsonl", "\n\n\n", "dataset 'd.jsonl' has no rows"),
                Arguments.of(
                        "d.jsonl",
                        "{\"query\":\"q\",\"response\":\"a\",\"response\":\"b\"}",
                        "d.jsonl:1: not valid JSON: Duplicate field 'response'"),
                Arguments.of("d.csv", "", "dataset 'd.csv' has no rows"),
                Arguments.of(
                        "d.csv",
                        "query;response\nq;a\n",
                        "d.csv:2: has no response: one of output, response, answer is needed; the row has query;response"),
                Arguments.of(
                        "d.csv",
                        "query\tresponse\nq\ta\n",
                        "d.csv:2: has no response: one of output, response, answer is needed; the row has query\tresponse"),
                Arguments.of(
                        "d.csv",
                        "query,response\nhello, you,a\n",
                        "text with a comma or a line break stands in double quotes"),
                Arguments.of("d.csv", "q,a\nq2,a2\n", "d.csv:2: has no response: one of output"),
                Arguments.of(
                        "d.csv",
                        "query,response,history\nq,a,before\n",
                        "d.csv:2: 'history' is a list, and its text is not JSON"),
                Arguments.of("d.json.gz", "x", "d.json.gz:1: not valid JSON"),
                Arguments.of("d.parquet", "PAR1", "d.parquet: cannot be read as Parquet: "),
                Arguments.of("d.parquet", "[]".repeat(100), "d.parquet: cannot be read as Parquet: "),
                Arguments.of("d.xlsx", "PK", "dataset 'd.xlsx': the format is told by the ending"),
                Arguments.of("noending", "[]", "dataset 'noending': the format is told by the ending"));
    }

    static Stream<Arguments> malformedBytes() throws IOException {
        byte[] row = "[{\"query\":\"q\",\"response\":\"a\"}]".getBytes(StandardCharsets.UTF_8);
        var zip = new ByteArrayOutputStream();
        try (var out = new java.util.zip.ZipOutputStream(zip)) {
            out.putNextEntry(new java.util.zip.ZipEntry("d.json"));
            out.write(row);
        }
        String text = "[{\"query\":\"q\",\"response\":\"a\"}]";
        return Stream.of(
                Arguments.of(
                        "UTF-16 with its mark",
                        "d.json",
                        text.getBytes(StandardCharsets.UTF_16),
                        "d.json:1: bytes that are not UTF-8; save the file as UTF-8"),
                Arguments.of(
                        "UTF-16 without",
                        "d.json",
                        text.getBytes(StandardCharsets.UTF_16LE),
                        "d.json:1: not valid JSON"),
                Arguments.of(
                        "GBK",
                        "d.jsonl",
                        "{\"query\":\"你\",\"response\":\"好\"}".getBytes(java.nio.charset.Charset.forName("GBK")),
                        "d.jsonl:1: bytes that are not UTF-8"),
                Arguments.of(
                        "Latin-1",
                        "d.csv",
                        "query,response\nq,a\nqu\u00e9,a\n".getBytes(StandardCharsets.ISO_8859_1),
                        "d.csv:3: bytes that are not UTF-8"),
                Arguments.of(
                        "cut in a character",
                        "d.jsonl",
                        java.util.Arrays.copyOf("{\"query\":\"你".getBytes(StandardCharsets.UTF_8), 12),
                        "d.jsonl:1: bytes that are not UTF-8"),
                Arguments.of("zip", "d.json", zip.toByteArray(), "d.json: is zip-compressed data; unpack it first"),
                Arguments.of("zeros", "d.json", new byte[4_096], "d.json:1: not valid JSON"),
                Arguments.of(
                        "a picture",
                        "d.json",
                        new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'},
                        "d.json:1: bytes that are not UTF-8"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformedBytes")
    void saysWhatIsWrongWithBytes(String what, String file, byte[] content, String message) throws IOException {
        Files.write(root.resolve(file), content);

        assertThatThrownBy(() -> data(List.of(file), 0))
                .as(what)
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(message);
    }

    static Stream<Arguments> wrongEntries() {
        return Stream.of(
                Arguments.of("", "dataset holds an empty entry"),
                Arguments.of("d.json#", "after # comes how many rows to take, a whole number from 1 to 10000000"),
                Arguments.of("d.json#0", "after # comes how many rows to take, a whole number from 1 to 10000000"),
                Arguments.of("d.json#2147483647", "a whole number from 1 to 10000000, as in file.json#500"),
                Arguments.of("d.json#-5", "after # comes how many rows to take, a whole number from 1 to 10000000"),
                Arguments.of("d.json#1.5", "after # comes how many rows to take, a whole number from 1 to 10000000"),
                Arguments.of("#5", "after # comes how many rows to take, a whole number from 1 to 10000000"),
                Arguments.of("folder", "dataset 'folder' is a folder; name a .json, .jsonl, .csv or .parquet file"),
                Arguments.of(
                        "pipe.jsonl", "dataset 'pipe.jsonl' is no file; name a .json, .jsonl, .csv or .parquet file"));
    }

    @ParameterizedTest
    @MethodSource("wrongEntries")
    void saysWhatIsWrongWithAnEntry(String entry, String message) throws Exception {
        Files.createDirectories(root.resolve("folder"));
        if (entry.startsWith("pipe")) {
            // reading it would wait for ever
            assertThat(new ProcessBuilder("mkfifo", root.resolve(entry).toString())
                            .start()
                            .waitFor())
                    .isZero();
        }

        assertThatThrownBy(() -> data(List.of(entry), 0))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aBrokenLineOfTenMegabytesIsNotRepeatedInItsMessage() throws IOException {
        Files.writeString(root.resolve("d.jsonl"), "{\"query\":\"q\",\"response\":\"" + "x".repeat(10 << 20));

        assertThatThrownBy(() -> data(List.of("d.jsonl"), 0))
                .hasMessageStartingWith("d.jsonl:1: not valid JSON")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
    }

    @Test
    void takesOldLineEndsAndMarksAsTheyCome() throws IOException {
        var bom = load("bom.csv", "\uFEFFquery,response\nq,a\n");
        var carriageReturns = load("cr.csv", "query,response\rq,a\r");
        var windows = load("crlf.jsonl", "{\"query\":\"q\",\"response\":\"a\"}\r\n");
        var objects =
                load("objects.json", "{\"query\":\"q\",\"response\":\"a\"}\n{\"query\":\"q\",\"response\":\"a\"}");

        for (var rows : List.of(bom, carriageReturns, windows, objects)) {
            assertThat(text(rows.getFirst())).isEqualTo("user:q assistant:a");
        }
        assertThat(objects).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void saysWhatIsWrongAndWhere(String file, String content, String message) throws IOException {
        Files.writeString(root.resolve(file), content);

        assertThatThrownBy(() -> data(List.of(file), 0))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining(message);
    }

    @Test
    void saysOnWhichLineBytesAreNotUtf8() throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < 3_000; i++) {
            bytes.writeBytes("{\"query\":\"问题\",\"response\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
        }
        bytes.write(0xb0);
        Files.write(root.resolve("d.jsonl"), bytes.toByteArray());

        assertThatThrownBy(() -> data(List.of("d.jsonl"), 0))
                .hasMessage("d.jsonl:3001: bytes that are not UTF-8; save the file as UTF-8");
    }

    @Test
    void unpacksGzipAndZstdWhateverTheFileIsCalled() throws IOException {
        byte[] plain =
                "{\"query\":\"q\",\"response\":\"a\"}\n{\"query\":\"b\u00e4d\"}".getBytes(StandardCharsets.UTF_8);
        for (String name : List.of("d.jsonl.gz", "D.JSONL.GZ", "plain.jsonl", "d.jsonl.zst", "zstd.ndjson")) {
            try (var out = name.contains("z") && name.contains("st")
                    ? new ZstdOutputStream(Files.newOutputStream(root.resolve(name)))
                    : new GZIPOutputStream(Files.newOutputStream(root.resolve(name)))) {
                out.write(plain);
            }

            ReadRows data = data(List.of(name), 0);

            assertThat(questions(data.train())).as(name).containsExactly("q");
            assertThat(data.dropped())
                    .extracting(row -> row.source().toString())
                    .containsExactly(name + ":2");
            assertThat(data.files())
                    .containsExactly(new DatasetFile(name, sha256(root.resolve(name)), Files.size(root.resolve(name))));
        }
    }

    @Test
    void readsParquetWithListsOfMessages() throws IOException {
        Files.copy(PARQUET.resolve("messages.parquet"), root.resolve("messages.parquet"));

        ReadRows data = data(List.of("messages.parquet"), 0);

        assertThat(data.train()).singleElement().satisfies(row -> {
            assertThat(text(row)).isEqualTo("user:你好 assistant:hi user:and? assistant:bye");
            assertThat(row.turns().get(1).weight()).hasValue(0);
        });
        assertThat(data.dropped())
                .extracting(Dropped::toString)
                .containsExactly(
                        "messages.parquet:2 (has no response: messages ends without an answer of the assistant)",
                        "messages.parquet:3 (has no response: one of output, response, answer is needed; the row has id)");
        assertThat(data.files().getFirst().sha256()).isEqualTo(sha256(PARQUET.resolve("messages.parquet")));
        assertThat(data.warnings()).containsExactly("keys that say nothing to training were left out: id (1 rows)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"flat-none.parquet", "flat-gzip.parquet", "flat-zstd.parquet"})
    void readsEveryRowOfAParquetFile(String name) throws IOException {
        Files.copy(PARQUET.resolve(name), root.resolve(name));

        ReadRows data = data(List.of(name), 0);

        assertThat(data.train()).hasSize(2_500);
        assertThat(data.train())
                .extracting(DatasetLoaderTest::text)
                .contains("user:q0 assistant:a0", "user:q2499 assistant:a2499");
        assertThat(data.train()).extracting(row -> row.source().line()).doesNotHaveDuplicates();
    }

    @Test
    void saysWhereAPackedFileIsCutOff() throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(rows(1_000).getBytes(StandardCharsets.UTF_8));
        }
        Files.write(root.resolve("d.json.gz"), java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));

        assertThatThrownBy(() -> data(List.of("d.json.gz"), 0)).hasMessageStartingWith("d.json.gz");
    }

    @Test
    void saysWhichFilesItReadAndWhatWasInThem() throws IOException {
        Files.writeString(root.resolve("d.json"), rows(3) + "\n\n");
        Files.writeString(root.resolve("e.csv"), "query,response\nq,a\n");

        assertThat(data(List.of("d.json#2", "e.csv", "d.json"), 0).files())
                .containsExactly(
                        new DatasetFile("d.json", sha256(root.resolve("d.json")), Files.size(root.resolve("d.json"))),
                        new DatasetFile("e.csv", sha256(root.resolve("e.csv")), 19));
    }

    @Test
    void givesSignsOfLifeWhileItReads() throws IOException {
        Files.writeString(root.resolve("d.json"), rows(3_500));
        var signs = new AtomicInteger();

        new DatasetLoader(Root.anywhere(root), signs::incrementAndGet)
                .read(
                        request(List.of("d.json"), List.of(), 0, false, Map.of(), 42)
                                .request(),
                        _ -> {});

        assertThat(signs).hasValue(3);
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void readsALineOfTenMegabytes() throws IOException {
        String answer = "字".repeat(3_500_000);

        var rows = load("d.jsonl", "{\"query\":\"q\",\"response\":\"" + answer + "\"}");

        assertThat(rows.getFirst().messages().getLast().content()).isEqualTo(answer);
    }

    @Test
    void saysThatAFileIsMissingAndWhereItWasLookedFor() {
        assertThatThrownBy(() -> data(List.of("none.json"), 0))
                .hasMessage("dataset 'none.json' not found: there is no file " + root.resolve("none.json"));
    }

    @Test
    void refusesACountThatIsNone() {
        assertThatThrownBy(() -> data(List.of("d.json#many"), 0)).hasMessageContaining("after # comes how many rows");
    }

    @Test
    void namesTheProblemsOfAllRowsAndFilesAtOnce() throws IOException {
        Files.writeString(
                root.resolve("a.json"),
                "[{\"query\":\"q\"},\n{\"query\":\"q\",\"response\":\"a\"},\n{\"response\":\"a\"}]");

        assertThatThrownBy(() -> load(request(List.of("a.json", "none.csv"), List.of(), 0, true, Map.of(), 42)))
                .hasMessageContaining("3 problems in the data:")
                .hasMessageContaining("a.json:1: has no response")
                .hasMessageContaining("a.json:3: has no question")
                .hasMessageContaining("dataset 'none.csv' not found");
    }

    private List<DatasetRow> load(String file, String content) throws IOException {
        Files.writeString(root.resolve(file), content);
        return data(List.of(file), 0).train();
    }

    private ReadRows data(List<String> dataset, double split) {
        return load(request(dataset, List.of(), split, false, Map.of(), 42));
    }

    private ReadRows load(ReadRows.Asked asked) {
        return ReadRows.of(root, asked);
    }

    static ReadRows.Asked request(
            List<String> dataset,
            List<JsonNode> rows,
            double split,
            boolean strict,
            Map<String, String> columns,
            long seed) {
        var request = new DatasetLoader.Request(
                dataset, rows, List.of(), Optional.empty(), Optional.empty(), strict, columns);
        return new ReadRows.Asked(request, split, seed);
    }

    private static String rows(int n) {
        return "["
                + String.join(
                        ",",
                        IntStream.range(0, n)
                                .mapToObj(i -> "{\"query\":\"" + i + "\",\"response\":\"a\"}")
                                .toList())
                + "]";
    }

    private static List<String> questions(List<DatasetRow> rows) {
        return rows.stream().map(row -> row.messages().getFirst().content()).toList();
    }

    private static String text(DatasetRow row) {
        return String.join(
                " ",
                row.messages().stream()
                        .map((ChatMessage m) -> m.role().chatml() + ":" + m.content())
                        .toList());
    }
}

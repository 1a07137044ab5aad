package io.lorikeet.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowFormsTest {
    private final LeftOver leftOver = new LeftOver();

    static Stream<Arguments> forms() {
        return Stream.of(
                // names in any case, and with blanks around them
                Arguments.of("{'INSTRUCTION':'q',' Input ':'i','OutPut':'a'}", "user:q\ni assistant:a"),
                Arguments.of("{'Question':'q','question':null,'Answer':'a','answer':''}", "user:q assistant:a"),
                Arguments.of(
                        "{'Messages':[{'Role':'User','Content':'q'},{'Role':'Assistant','Content':'a'}]}",
                        "user:q assistant:a"),
                // the same said again
                Arguments.of("{'query':'q','response':'a','output':'a'}", "user:q assistant:a"),
                Arguments.of("{'instruction':'q','prompt':'q','output':'a'}", "user:q assistant:a"),
                Arguments.of(
                        "{'instruction':'q','input':'more','output':'a','text':'### q\n### more\n### a'}",
                        "user:q\nmore assistant:a"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a'}],'prompt':'q','text':'user q bot a'}",
                        "user:q assistant:a"),
                Arguments.of("{'query':'q','answers':['a']}", "user:q assistant:a"),
                // system wherever it may stand
                Arguments.of(
                        "{'system_prompt':'s','conversation':[{'human':'q','assistant':'a'},{'human':'r','bot':'b'}]}",
                        "system:s user:q assistant:a user:r assistant:b"),
                Arguments.of(
                        "{'system':'s','messages':[{'role':'system','content':'s'},{'role':'user','content':'q'},{'role':'assistant','content':'a'}]}",
                        "system:s user:q assistant:a"),
                Arguments.of(
                        "{'messages':[{'role':'developer','content':'s'},{'role':'user','content':'q'},{'role':'assistant','content':'a'}]}",
                        "system:s user:q assistant:a"),
                // any order of speakers, laid out as it is
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'user','content':'r'},{'role':'assistant','content':'a'}]}",
                        "user:q user:r assistant:a"),
                Arguments.of(
                        "{'conversations':[{'from':'system','value':'s'},{'from':'gpt','value':'a'}]}",
                        "system:s user: assistant:a"),
                // thoughts
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'assistant','reasoning_content':'hm\n','content':'a'}]}",
                        "user:q assistant:<think>\nhm\n</think>\n\na"),
                Arguments.of(
                        "{'query':'q','response':'a','reasoning_content':'hm'}",
                        "user:q assistant:<think>\nhm\n</think>\n\na"),
                // marks
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q','weight':0},{'role':'assistant','content':'a','train':false},"
                                + "{'role':'user','content':'r'},{'role':'assistant','content':'b','loss':true,'weight':1,'masked':false}]}",
                        "user:q! assistant:a! user:r assistant:b+"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a','loss_mask':0.0},"
                                + "{'role':'user','content':'r'},{'role':'assistant','content':'b','loss_scale':null}]}",
                        "user:q assistant:a! user:r assistant:b"),
                Arguments.of(
                        "{'prompt':[{'role':'user','content':'q'},{'role':'assistant','content':'a'},{'role':'user','content':'r'}],"
                                + "'completion':[{'role':'assistant','content':'b'}]}",
                        "user:q assistant:a! user:r assistant:b"),
                Arguments.of("{'query':'q','response':'a','weight':1,'label':true}", "user:q assistant:a"));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void reads(String row, String expected) throws Exception {
        assertThat(text(read(row, Map.of()))).isEqualTo(expected);
    }

    static Stream<Arguments> refused() {
        String messages = "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a'%s}]}";
        return Stream.of(
                Arguments.of("{'Query':'q','query':'r','response':'a'}", "'Query' and 'query' are both 'query'"),
                Arguments.of(
                        "{'problem':'q','solution':'long','answer':'42'}",
                        "has more than one response: answer, solution; keep one, in the data or with columns"),
                Arguments.of(
                        "{'instruction':'q','prompt':'Below is: q','output':'a'}",
                        "has more than one question: prompt, instruction; keep one"),
                Arguments.of(
                        "{'system':'s','system_prompt':'t','query':'q','response':'a'}", "more than one system prompt"),
                Arguments.of(
                        "{'system':'t','messages':[{'role':'system','content':'s'},{'role':'user','content':'q'},{'role':'assistant','content':'a'}]}",
                        "has two system prompts, 'system' and the first message, and they differ"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a'}],'response':'b'}",
                        "has 'response' beside the conversation, which says something else"),
                Arguments.of("{'query':'q','answers':['a','b']}", "'answers' is text, and this is a list"),
                Arguments.of(
                        messages.formatted(",'weight':-0.5"),
                        "messages: number 2 has a 'weight' that is neither true, false nor a number from 0 (not learned) to 100"),
                Arguments.of(messages.formatted(",'loss_scale':1e9"), "number 2 has a 'loss_scale' that is neither"),
                Arguments.of(
                        messages.formatted(",'masked':0.5"), "number 2 has a 'masked' that is neither true nor false"),
                Arguments.of(messages.formatted(",'loss':[0,1]"), "number 2 has a 'loss' that is neither"),
                Arguments.of(messages.formatted(",'weight':1,'train':false"), "number 2 is marked twice"),
                Arguments.of(
                        messages.formatted(",'function_call':{'name':'f'}"),
                        "number 2: 'function_call': number 1 is no call with name and arguments: arguments: expected"),
                Arguments.of(messages.formatted(",'tool_calls':7"), "'tool_calls' is a list or one object"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q','tool_calls':[{'name':'f','arguments':{}}]},{'role':'assistant','content':'a'}]}",
                        "messages: number 1 has tool_calls, which only an answer has"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':'a'},{'role':'tool_call','content':[],'loss':false}]}",
                        "messages: number 3 calls no tool"),
                Arguments.of(
                        messages.formatted(",'tool_call_id':'c1'"),
                        "messages: number 2: field 'tool_call_id' is not supported: tools are defined in tools"),
                Arguments.of(messages.formatted(",'train_detail':[{'begin_offset':0}]"), "field 'train_detail'"),
                Arguments.of(messages.formatted(",'thinking':'hm'"), "is called reasoning_content"),
                Arguments.of(messages.formatted(",'prefix':true"), "field 'prefix' is not supported"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q','loss':true},{'role':'assistant','content':'a'}]}",
                        "messages: number 1 is marked to be learned, and only the assistant's answers are"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q','reasoning_content':'hm'},{'role':'assistant','content':'a'}]}",
                        "messages: number 1 has reasoning_content, which only an answer has"),
                Arguments.of(
                        "{'messages':[{'role':'user','content':'q'},{'role':'assistant','content':null,'reasoning_content':'hm'}]}",
                        "messages: number 2 has reasoning_content and no answer after it"),
                Arguments.of(
                        "{'query':'q','response':'<think>x</think>a','reasoning_content':'hm'}",
                        "has reasoning_content and a <think> in the answer"),
                Arguments.of("{'prompt':[{'role':'user','content':'q'}]}", "a prompt of messages needs a completion"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(String row, String message) {
        assertThatThrownBy(() -> read(row, Map.of()))
                .isInstanceOf(RowException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "weight",
                "Sample_Weight",
                "loss_mask",
                "train_on_turn",
                "labels",
                "plugins",
                "function_call",
                "tool_choice",
                "reasoning",
                "Complex_CoT",
                "rejected_response",
                "chosen",
                "images",
                "image_path",
                "role",
                "chat_template_kwargs",
                "context",
                "choices"
            })
    void refusesEveryKeyThatCouldChangeWhatIsLearned(String key) {
        assertThatThrownBy(() -> read("{'query':'q','response':'a','%s':'x'}".formatted(key), Map.of()))
                .hasMessageContaining("field '%s' is not supported: ".formatted(key));
    }

    @Test
    void refusesAnAnswerThatIsLabelledBad() {
        assertThatThrownBy(() -> read("{'prompt':'q','completion':'a','label':false}", Map.of()))
                .hasMessageContaining("field 'label' is not supported: it says that the answer is not to be learned");
    }

    @Test
    void countsEveryOtherKeyByName() throws Exception {
        read("{'id':7,'source':'web','query':'q','response':'a','category':'','cot_type':'math'}", Map.of());
        read(
                "{'id':8,'messages':[{'role':'user','content':'q','name':'Ann'},{'role':'assistant','content':'a'}]}",
                Map.of());

        assertThat(leftOver.described())
                .hasValue(
                        "keys that say nothing to training were left out: cot_type (1 rows), id (2 rows), messages[].name (1 rows), source (1 rows)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'Frage':'q','Antwort':'a'}|Frage=query,antwort=response|user:q assistant:a",
                "{'instruction':'q','context':'c','response':'a'}|context=input|user:q\\nc assistant:a",
                "{'problem':'q','solution':'long','answer':'42'}|answer=|user:q assistant:long",
                "{'query':'q','response':'a','thinking':'hm'}|thinking=|user:q assistant:a",
                "{'Question':'q','Response':'a','Complex_CoT':'hm'}|complex_cot=reasoning_content|user:q assistant:<think>\\nhm\\n</think>\\n\\na"
            })
    void givesKeysTheNamesThatTheJobSays(String row, String columns, String expected) throws Exception {
        Map<String, String> names = Stream.of(columns.split(","))
                .map(column -> column.split("=", -1))
                .collect(Collectors.toMap(column -> column[0], column -> column[1]));

        assertThat(text(read(row, names))).isEqualTo(expected.replace("\\n", "\n"));
    }

    @Test
    void refusesColumnsThatMakeNothingOfAKey() {
        assertThatThrownBy(() -> new Columns(Map.of("text1", "qurey")))
                .isInstanceOf(DatasetException.class)
                .hasMessageStartingWith(
                        "columns: 'text1' is to be 'qurey', and no key of a row has that name; one of messages,");
        assertThat(new Columns(Map.of("text1", "query")).unused())
                .containsExactly("columns: no row has the key 'text1'");
    }

    private DatasetRow read(String row, Map<String, String> columns) throws RowException, IOException {
        var json = (ObjectNode) LearnedText.json(row.replace("\n", "\\n").replace('\'', '"'));
        return RowForms.conversation(new RowSource("d.json", 1), json, new Columns(columns), leftOver);
    }

    /** Marked with + what the row says is learned, with ! what it says is not. */
    private static String text(DatasetRow row) {
        return row.turns().stream()
                .map(turn -> turn.message().role().chatml() + ":"
                        + turn.message().content()
                        + (turn.weight().isEmpty() ? "" : turn.teaches() ? "+" : "!"))
                .collect(Collectors.joining(" "));
    }
}

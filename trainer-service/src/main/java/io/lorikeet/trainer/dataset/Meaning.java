package io.lorikeet.trainer.dataset;

import java.util.regex.Pattern;

/** What a key that is not read could say about what is learned, told by its name. The first that fits holds. */
enum Meaning {
    /** Which parts are learned, or how much they count. */
    MASK(
            "(.*_)?(loss|losses|weights?|masks?|masked)(_.*)?|train|trainable|training|train_.*|labels"
                    + "|learn|learned|supervised|input_ids|token_ids",
            "which answers are learned is said at each of them in messages, by weight, loss or loss_mask"),
    /** Whether the answer is a good one. */
    LABEL("label", "it says that the answer is not to be learned"),
    /** What only a server is told. */
    REQUEST("parallel_tool_calls", ""),
    /** Tools and their calls. */
    TOOLS(
            "(.*_)?(tools?|functions?|function_?calls?|tool_?calls?|plugins|observations?)(_.*)?",
            "tools are defined in tools, called in tool_calls and answered by messages of the role tool"),
    /** Thoughts before an answer. */
    THOUGHT(
            "(.*_)?(reasoning|think|thinking|thoughts?|cot|rationale|chain_of_thoughts?|scratchpad)"
                    + "(_(content|text|process|steps?|traces?|trajector(y|ies)|details))?",
            "the thought before an answer is called reasoning_content"),
    /** Better and worse answers. */
    PREFERENCE(
            "chosen(_.*)?|rejected(_.*)?|(non_)?preferred(_.*)?|positive_.*|negative_.*|margin",
            "pairs of better and worse answers are not trained"),
    /** Pictures and sounds. */
    MEDIA("(.*_)?(images?|videos?|audios?)(_.*)?|objects|attachments?|files", "rows are text"),
    /** Who speaks. */
    ROLE("roles?|from|speakers?", "who speaks is said by role or from in messages"),
    /** How the row is laid out. */
    TEMPLATE(
            "chat_template(_.*)?|enable_thinking|prefix|suffix|prefill",
            "a row is laid out by the model's own template"),
    /** What the question refers to. */
    QUESTION(
            "contexts?|passages?|options|choices|hints?|documents?",
            "it may be a part of the question, which is instruction and input"),
    /** Nothing. */
    NONE("(?s).*", "");

    private final Pattern names;
    private final String why;

    Meaning(String names, String why) {
        this.names = Pattern.compile(names);
        this.why = why;
    }

    /** Why a row with such a key is not trained on. */
    String why() {
        return why;
    }

    /** @param key as it is compared */
    static Meaning of(String key) {
        String name = key.replace('-', '_').replace(' ', '_');
        for (Meaning meaning : values()) {
            if (meaning.names.matcher(name).matches()) {
                return meaning;
            }
        }
        return NONE;
    }
}

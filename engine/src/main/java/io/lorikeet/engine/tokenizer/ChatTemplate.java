package io.lorikeet.engine.tokenizer;

import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.jinja.Text;
import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import io.lorikeet.engine.tokenizer.TurnHeaders.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/**
 * A conversation laid out as the model's own chat template does it. Every conversation is rendered; what the template wrote
 * and whose turn it is, the renderer says, so nothing has to be guessed from the text.
 *
 * <p>An answer is tokenised apart from the prompt before it, in training as in generation, so that both see the same tokens
 * whatever the answer begins with. Contents are text from outside: no control token in them is recognised.
 */
public final class ChatTemplate {
    /** The label of a token that training does not learn to say. */
    public static final int IGNORED_LABEL = -100;

    private final Qwen2Tokenizer tokenizer;
    private final TemplateRenderer renderer;
    private final Optional<String> bos;
    private final TurnHeaders headers;

    ChatTemplate(Qwen2Tokenizer tokenizer, TokenizerConfig config) {
        this.tokenizer = tokenizer;
        this.renderer = new TemplateRenderer(config);
        this.bos = Optional.ofNullable(config.specialTokens().get("bos_token"));
        this.headers = headers(config.templateFile());
    }

    private TurnHeaders headers(Path file) {
        try {
            return TurnHeaders.of(renderer);
        } catch (TemplateException e) {
            throw new CheckpointException(file + ": chat_template: " + e.getMessage(), e);
        }
    }

    /** A conversation as the template writes it, in the numbering of the messages that it was rendered with. */
    private record Rendered(Text text, List<ChatMessage> messages, int shift) {}

    /** The model's own system prompt, which stands where a conversation brings none; empty if it has none. */
    public Optional<String> defaultSystem() {
        Conversation question = Conversation.of(List.of(ChatMessage.user("?")));
        String mark = "#";
        Optional<String> without = lead(question);
        Optional<String> with = lead(question.withSystem(mark));
        int at = with.map(lead -> lead.indexOf(mark)).orElse(-1);
        if (at < 0) {
            return Optional.empty();
        }
        String before = with.get().substring(0, at);
        String after = with.get().substring(at + mark.length());
        return without.filter(lead -> lead.length() > before.length() + after.length()
                        && lead.startsWith(before)
                        && lead.endsWith(after))
                .map(lead -> lead.substring(before.length(), lead.length() - after.length()));
    }

    /** What stands before the first message that is not the system's. */
    private Optional<String> lead(Conversation conversation) {
        Text text = renderer.render(conversation, true);
        OptionalInt end = headers.userTurn(text, conversation.messages().size() - 1);
        return end.isPresent() ? Optional.of(text.chars().substring(0, end.getAsInt())) : Optional.empty();
    }

    /** The text of a conversation with the beginning of the assistant's turn, for reading; see {@link #encodePrompt}. */
    public String prompt(Conversation conversation) {
        return render(conversation, true).text.chars();
    }

    /** The text of a whole conversation, for reading; see {@link #encodeConversation}. */
    public String conversation(Conversation conversation) {
        return render(conversation, false).text.chars();
    }

    /** {@link #encodePrompt(Conversation)} of messages without tools. */
    public int[] encodePrompt(List<ChatMessage> messages) {
        return encodePrompt(Conversation.of(messages));
    }

    /**
     * The tokens to generate an answer from. Not {@code encode(prompt(conversation))}, which would obey the user's text.
     *
     * @throws TemplateException with the template's own words, if it refuses the conversation
     */
    public int[] encodePrompt(Conversation conversation) {
        Rendered rendered = render(conversation, true);
        IntList ids = new IntList();
        int done = 0;
        for (int i = 0; i < rendered.messages.size(); i++) {
            Optional<Answer> answer = answer(rendered, i);
            if (answer.isPresent()) {
                tokenizer.encode(rendered.text, done, answer.get().start(), ids);
                tokenizer.encode(
                        rendered.text, answer.get().start(), answer.get().end(), ids);
                done = answer.get().end();
            }
        }
        tokenizer.encode(rendered.text, done, rendered.text.chars().length(), ids);
        return ids.toArray();
    }

    /** How many tokens of {@link #encodePrompt} come before the first turn that is not the system's; 0 if that is not known. */
    public int systemTokens(Conversation conversation) {
        Rendered rendered = render(conversation, true);
        boolean system = rendered.messages.getFirst().role() == Role.SYSTEM;
        IntList ids = new IntList();
        tokenizer.encode(
                rendered.text,
                0,
                headers.userTurn(rendered.text, system ? 1 : 0).orElse(0),
                ids);
        return ids.toArray().length;
    }

    /** {@link #encodeConversation(Conversation, IntPredicate)} of messages without tools, every assistant's turn learned. */
    public EncodedConversation encodeConversation(List<ChatMessage> messages) {
        return encodeConversation(Conversation.of(messages), _ -> true);
    }

    /**
     * The tokens to train on. Assistant turns are learned, from where generating begins to the end of the turn; all else has
     * the label {@link #IGNORED_LABEL}.
     *
     * @param learned which of the assistant's turns, by the number of the message
     * @throws IllegalArgumentException if no turn is the assistant's
     * @throws TemplateException with the template's own words, if it refuses the conversation
     */
    public EncodedConversation encodeConversation(Conversation conversation, IntPredicate learned) {
        Rendered rendered = render(conversation, false);
        IntList ids = new IntList();
        IntList labels = new IntList();
        int done = 0;
        int answers = 0;
        for (int i = 0; i < rendered.messages.size(); i++) {
            if (rendered.messages.get(i).role() != Role.ASSISTANT) {
                continue;
            }
            int number = i - rendered.shift;
            Answer answer = answer(rendered, i)
                    .orElseThrow(() -> new TemplateException("the model's chat template does not write message "
                            + (number + 1) + ", the assistant's, as a turn of its own, so it cannot be learned"));
            label(rendered, done, answer.start(), false, ids, labels);
            label(rendered, answer.start(), answer.end(), learned.test(number), ids, labels);
            done = answer.end();
            answers++;
        }
        if (answers == 0) {
            throw new IllegalArgumentException("expected at least one assistant turn to learn, found none");
        }
        label(rendered, done, rendered.text.chars().length(), false, ids, labels);
        return new EncodedConversation(ids.toArray(), labels.toArray());
    }

    private Rendered render(Conversation conversation, boolean generation) {
        try {
            if (conversation.systemBlock()) {
                return new Rendered(renderer.render(conversation, generation), conversation.messages(), 0);
            }
            if (!conversation.tools().isEmpty()) {
                // The system turn is where the tools stand.
                List<ChatMessage> all = new ArrayList<>(conversation.messages());
                all.addFirst(ChatMessage.system(""));
                var withBlock = new Conversation(all, conversation.tools(), conversation.arguments(), true);
                return new Rendered(renderer.render(withBlock, generation), all, 1);
            }
            return new Rendered(
                    withoutLead(conversation, renderer.render(conversation, generation)), conversation.messages(), 0);
        } catch (TemplateException e) {
            throw new TemplateException("the model's chat template refuses this conversation: " + e.getMessage());
        }
    }

    /** Without what the template puts before the first turn of a conversation that has no system message; bos stays. */
    private Text withoutLead(Conversation conversation, Text text) {
        String lead = lead(Conversation.of(List.of(ChatMessage.user("?"))).withArguments(conversation.arguments()))
                .filter(text.chars()::startsWith)
                .orElseThrow(() -> new TemplateException("it does not let the system turn be left out"));
        int kept = bos.filter(lead::startsWith).map(String::length).orElse(0);
        return text.without(kept, lead.length());
    }

    private Optional<Answer> answer(Rendered rendered, int message) {
        return rendered.messages.get(message).role() == Role.ASSISTANT
                ? headers.answer(rendered.text, message)
                : Optional.empty();
    }

    private void label(Rendered rendered, int from, int to, boolean learned, IntList ids, IntList labels) {
        IntList part = new IntList();
        tokenizer.encode(rendered.text, from, to, part);
        int[] tokens = part.toArray();
        ids.addAll(tokens);
        if (!learned) {
            Arrays.fill(tokens, IGNORED_LABEL);
        }
        labels.addAll(tokens);
    }
}

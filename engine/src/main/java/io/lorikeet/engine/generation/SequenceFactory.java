package io.lorikeet.engine.generation;

import io.lorikeet.engine.grammar.Constraints;
import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.tokenizer.Conversation;
import io.lorikeet.engine.tokenizer.Qwen2Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes of a request what the scheduler runs: a sequence for each answer. Thread-safe. */
final class SequenceFactory {
    private static final Logger LOG = LoggerFactory.getLogger(SequenceFactory.class);
    private static final Duration FOREVER = Duration.ofDays(365);

    private final Qwen2Tokenizer tokenizer;
    private final Set<Integer> stopTokens;
    private final Constraints constraints;
    private final int maxModelLen;
    private final Duration maxQueueTime;

    SequenceFactory(
            Qwen2Tokenizer tokenizer,
            Set<Integer> stopTokens,
            Constraints constraints,
            int maxModelLen,
            Duration maxQueueTime) {
        this.tokenizer = tokenizer;
        this.stopTokens = stopTokens;
        this.constraints = constraints;
        this.maxModelLen = maxModelLen;
        this.maxQueueTime = maxQueueTime;
    }

    /**
     * The answers to the first prompt, then those to the next. The first answer to a prompt has the seed of the request, each
     * further one a seed made from it.
     *
     * @throws RequestException if a prompt is too long, or the model's chat template refuses it
     */
    List<Sequence> sequences(
            GenerationRequest request, Optional<ServedVersion> adapter, List<? extends TokenListener> listeners) {
        var limits = TimeLimits.of(maxQueueTime, request.timeout().orElse(FOREVER));
        List<Sequence> sequences = new ArrayList<>();
        for (Prompt prompt : request.prompts()) {
            PromptTokens tokens = tokens(prompt, adapter);
            for (int i = 0; i < request.n(); i++) {
                sequences.add(new Sequence(
                        tokens,
                        request.sampling().forAnswer(i),
                        request.sampling().grammar().map(constraints::of),
                        adapter,
                        stopTokens,
                        Math.min(room(tokens), request.sampling().maxNewTokens()),
                        limits,
                        TextDecoder.of(tokenizer),
                        listeners.get(sequences.size())));
            }
        }
        return sequences;
    }

    /** Conversations as tokens, with an adapter's system prompt where they bring none. Those that the template refuses are left out. */
    List<int[]> examples(List<Conversation> conversations, Optional<String> system) {
        List<int[]> examples = new ArrayList<>();
        for (Conversation conversation : conversations) {
            try {
                var whole = system.map(conversation::withSystem).orElse(conversation);
                examples.add(tokenizer
                        .chatTemplate()
                        .encodeConversation(whole, _ -> true)
                        .inputIds());
            } catch (TemplateException e) {
                LOG.warn("drafts are not made from a conversation: {}", e.getMessage());
            }
        }
        return examples;
    }

    private PromptTokens tokens(Prompt prompt, Optional<ServedVersion> adapter) {
        PromptTokens tokens =
                switch (prompt) {
                    // A request that brings no system prompt gets the one that its adapter was trained with.
                    case Prompt.Chat(var brought) ->
                        chatTokens(adapter.flatMap(ServedVersion::system)
                                .map(brought::withSystem)
                                .orElse(brought));
                    case Prompt.Text(var text) -> {
                        refuseTooLong(text);
                        yield PromptTokens.of(tokenizer.encode(text));
                    }
                };
        if (room(tokens) < 1) {
            throw new RequestException(
                    RequestException.Kind.TOO_LONG,
                    "the prompt has " + tokens.length() + " tokens, and with the answer at most " + maxModelLen
                            + " fit");
        }
        return tokens;
    }

    /** Tokenising megabytes takes seconds, and a hundred times their memory. */
    private void refuseTooLong(String prompt) {
        if (tokenizer.isLongerThan(maxModelLen, prompt)) {
            throw new RequestException(
                    RequestException.Kind.TOO_LONG,
                    "the prompt has " + prompt.length() + " characters, more than " + maxModelLen
                            + " tokens can hold, which with the answer is all that fits");
        }
    }

    /** Of most conversations no rendering is needed to see that they are short. */
    private boolean mayBeTooLong(Conversation conversation) {
        long length = 0;
        for (var message : conversation.messages()) {
            length += message.content().length()
                    + message.reasoningContent().map(String::length).orElse(0);
            if (!message.toolCalls().isEmpty()) {
                return true;
            }
        }
        return length > maxModelLen || !conversation.tools().isEmpty();
    }

    private int room(PromptTokens prompt) {
        return maxModelLen - prompt.length();
    }

    private PromptTokens chatTokens(Conversation conversation) {
        var template = tokenizer.chatTemplate();
        try {
            if (mayBeTooLong(conversation)) {
                refuseTooLong(template.prompt(conversation));
            }
            return new PromptTokens(template.encodePrompt(conversation), template.systemTokens(conversation));
        } catch (TemplateException e) {
            throw new RequestException(RequestException.Kind.INVALID, "messages: " + e.getMessage());
        }
    }
}

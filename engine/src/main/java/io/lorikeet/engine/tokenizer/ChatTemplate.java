package io.lorikeet.engine.tokenizer;

import io.lorikeet.engine.tokenizer.ChatMessage.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * ChatML, Qwen2's form of a conversation: {@code <|im_start|>role\ncontent<|im_end|>\n} for each turn. A conversation that
 * does not begin with a system message gets the model's default one; one that begins with an empty system message gets none.
 *
 * <p>An answer is tokenised apart from the prompt before it, in training as in generation, so that both see the same tokens
 * whatever the answer begins with. Contents are text from outside: no control token in them is recognised.
 */
public final class ChatTemplate {
    /** The label of a token that training does not learn to say. */
    public static final int IGNORED_LABEL = -100;

    private final Qwen2Tokenizer tokenizer;
    private final Optional<String> defaultSystem;

    ChatTemplate(Qwen2Tokenizer tokenizer, Optional<String> defaultSystem) {
        this.tokenizer = tokenizer;
        this.defaultSystem = defaultSystem;
    }

    /** A run of text, or one control token; and whether training learns to say it. */
    private record Piece(String text, boolean control, boolean learned) {}

    /** The model's own system prompt, from its chat template; empty if that has none. */
    public Optional<String> defaultSystem() {
        return defaultSystem;
    }

    /** The text of a conversation with the beginning of the assistant's turn, for reading; see {@link #encodePrompt}. */
    public String prompt(List<ChatMessage> messages) {
        return text(promptPieces(messages));
    }

    /** The text of a whole conversation, for reading; see {@link #encodeConversation}. */
    public String conversation(List<ChatMessage> messages) {
        return text(pieces(messages));
    }

    /** The tokens to generate an answer from. Not {@code encode(prompt(messages))}, which would obey the user's text. */
    public int[] encodePrompt(List<ChatMessage> messages) {
        return encode(promptPieces(messages)).inputIds();
    }

    /** How many tokens of {@link #encodePrompt} the system turn takes, with which they begin; 0 if there is none. */
    public int systemTokens(List<ChatMessage> messages) {
        List<Piece> pieces = new ArrayList<>();
        if (messages.getFirst().role() == Role.SYSTEM) {
            if (!messages.getFirst().content().isEmpty()) {
                addTurn(pieces, messages.getFirst());
            }
        } else {
            defaultSystem.ifPresent(system -> addTurn(pieces, ChatMessage.system(system)));
        }
        return encode(pieces).inputIds().length;
    }

    /**
     * The tokens to train on. Every assistant turn is learned, from its text to {@code <|im_end|>\n}; all else has the label
     * {@link #IGNORED_LABEL}.
     *
     * @throws IllegalArgumentException if no turn is the assistant's
     */
    public EncodedConversation encodeConversation(List<ChatMessage> messages) {
        if (messages.stream().noneMatch(message -> message.role() == Role.ASSISTANT)) {
            throw new IllegalArgumentException("expected at least one assistant turn to learn, found none");
        }
        return encode(pieces(messages));
    }

    private List<Piece> promptPieces(List<ChatMessage> messages) {
        List<Piece> pieces = pieces(messages);
        pieces.add(new Piece(Qwen2Tokenizer.IM_START, true, false));
        pieces.add(new Piece(Role.ASSISTANT.chatml() + "\n", false, false));
        return pieces;
    }

    private List<Piece> pieces(List<ChatMessage> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("expected at least one message, found none");
        }
        List<Piece> pieces = new ArrayList<>();
        if (messages.getFirst().role() != Role.SYSTEM) {
            defaultSystem.ifPresent(system -> addTurn(pieces, ChatMessage.system(system)));
        }
        for (ChatMessage message : messages) {
            if (message.role() != Role.SYSTEM || !message.content().isEmpty()) {
                addTurn(pieces, message);
            }
        }
        return pieces;
    }

    private static void addTurn(List<Piece> pieces, ChatMessage message) {
        boolean learned = message.role() == Role.ASSISTANT;
        pieces.add(new Piece(Qwen2Tokenizer.IM_START, true, false));
        if (learned) {
            pieces.add(new Piece(message.role().chatml() + "\n", false, false));
            pieces.add(new Piece(message.content(), false, true));
        } else {
            pieces.add(new Piece(message.role().chatml() + "\n" + message.content(), false, false));
        }
        pieces.add(new Piece(Qwen2Tokenizer.IM_END, true, learned));
        pieces.add(new Piece("\n", false, learned));
    }

    private static String text(List<Piece> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.text));
        return text.toString();
    }

    private EncodedConversation encode(List<Piece> pieces) {
        IntList inputIds = new IntList();
        IntList labels = new IntList();
        for (Piece piece : pieces) {
            int[] tokens = piece.control
                    ? new int[] {tokenizer.tokenId(piece.text).orElseThrow()}
                    : tokenizer.encodeText(piece.text);
            inputIds.addAll(tokens);
            if (!piece.learned) {
                Arrays.fill(tokens, IGNORED_LABEL);
            }
            labels.addAll(tokens);
        }
        return new EncodedConversation(inputIds.toArray(), labels.toArray());
    }
}

package io.lorikeet.engine.tokenizer;

import io.lorikeet.engine.checkpoint.CheckpointException;
import io.lorikeet.engine.jinja.Text;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Qwen2's byte-level BPE tokenizer, read from tokenizer.json. Plain text goes through Hugging Face's library; control tokens
 * are split off here, before it, so that a caller decides whether a text may hold any: {@link #encode} for a text that the
 * program wrote, {@link #encodeText} for one that a user did. Safe for use by several threads.
 */
public final class Qwen2Tokenizer implements AutoCloseable {
    /** Begins a turn of a conversation. */
    public static final String IM_START = "<|im_start|>";
    /** Ends a turn of a conversation. */
    public static final String IM_END = "<|im_end|>";
    /** Ends a document. */
    public static final String END_OF_TEXT = "<|endoftext|>";

    private static final byte[] NOTHING = {};

    /** Bytes that become one, at most, when the tokenizer normalises a text (NFC): U+212A becomes K. */
    private static final int NORMALISED = 3;

    private final NativeBpe bpe;
    private final Map<String, Integer> ids;
    private final byte[][] bytesOfToken;
    private final int longestToken;
    private final Set<Integer> specialIds;
    private final AddedTokens addedTokens;
    private final Set<Integer> stopTokenIds;
    private final ChatTemplate chatTemplate;

    private Qwen2Tokenizer(Path file, TokenizerJson json, TokenizerConfig config) {
        this.ids = new HashMap<>(json.vocabulary());
        json.addedTokens().forEach(token -> ids.put(token.content(), token.id()));
        this.bytesOfToken = bytesOfToken(json);
        this.longestToken = Arrays.stream(bytesOfToken)
                .filter(Objects::nonNull)
                .mapToInt(token -> token.length)
                .max()
                .orElse(0);
        this.specialIds = json.addedTokens().stream()
                .filter(AddedToken::special)
                .map(AddedToken::id)
                .collect(Collectors.toUnmodifiableSet());
        this.addedTokens = new AddedTokens(json.addedTokens());
        this.stopTokenIds = stopTokenIds(config);
        if (config.chatTemplates().isEmpty()) {
            for (String needed : List.of(IM_START, IM_END)) {
                if (!specialIds.contains(ids.getOrDefault(needed, -1))) {
                    throw new CheckpointException(file.resolveSibling("tokenizer_config.json")
                            + ": expected a chat_template, or ChatML's special token " + needed
                            + " in tokenizer.json, found neither");
                }
            }
        }
        this.chatTemplate = new ChatTemplate(this, config);
        this.bpe = NativeBpe.of(file, json.withoutAddedTokens());
    }

    /**
     * Reads the tokenizer of a model with a vocabulary of this size.
     *
     * @throws CheckpointException if the tokenizer has tokens that the model does not
     */
    public static Qwen2Tokenizer open(Path directory, int vocabSize) {
        Qwen2Tokenizer tokenizer = open(directory);
        if (tokenizer.size() > vocabSize) {
            tokenizer.close();
            throw new CheckpointException(directory + ": tokenizer.json has " + tokenizer.size()
                    + " tokens, config.json a vocab_size of " + vocabSize
                    + "; expected a tokenizer whose tokens the model knows");
        }
        return tokenizer;
    }

    /** Reads tokenizer.json and, if they are there, tokenizer_config.json and chat_template.jinja of a directory. */
    public static Qwen2Tokenizer open(Path directory) {
        Path file = directory.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(directory + ": has no tokenizer.json"
                    + (Files.exists(directory.resolve("vocab.json"))
                            ? "; vocab.json and merges.txt alone are not read, save the tokenizer in its fast form"
                            : ""));
        }
        return new Qwen2Tokenizer(file, TokenizerJson.read(file), TokenizerConfig.read(directory));
    }

    /** Tokenises a text in which control tokens, as {@code <|im_end|>}, mean what they say. */
    public int[] encode(String text) {
        return encode(text, _ -> true);
    }

    /** Tokenises a text from outside: in it, {@code <|im_end|>} is ten characters and not the end of a turn. */
    public int[] encodeText(String text) {
        return encode(text, token -> !token.special());
    }

    /** Whether a text is longer than so many tokens can be, which is known without tokenising it. */
    public boolean isLongerThan(int tokens, String text) {
        long most = (long) tokens * longestToken * NORMALISED;
        // no character has more than three bytes, and a pair of them four
        return text.length() > most || (3L * text.length() > most && utf8Length(text) > most);
    }

    private static long utf8Length(String text) {
        return text.codePoints()
                .mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4)
                .sum();
    }

    /** The text of tokens, control tokens included; bytes that are no UTF-8 become U+FFFD. */
    public String decode(int[] tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokens.length * 4);
        for (int token : tokens) {
            bytes.writeBytes(bytes(token));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The text of tokens as a reader should see it, without the control tokens. */
    public String decodeText(int[] tokens) {
        TokenTextStream stream = stream();
        StringBuilder text = new StringBuilder(tokens.length * 4);
        for (int token : tokens) {
            text.append(stream.push(token));
        }
        return text.append(stream.finish()).toString();
    }

    /** Decodes token by token, for one answer; without the control tokens. */
    public TokenTextStream stream() {
        return new TokenTextStream(token -> isSpecial(token) ? NOTHING : bytes(token));
    }

    /** The id of a token, spelled as in the vocabulary. */
    public OptionalInt tokenId(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The bytes of a token's text, which may begin or end inside a character. */
    public byte[] tokenBytes(int token) {
        return bytes(token).clone();
    }

    /** The tokens that control the model, as they are spelled. */
    public List<String> specialTokens() {
        return ids.entrySet().stream()
                .filter(token -> isSpecial(token.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Whether a token controls the model and is no part of a text. */
    public boolean isSpecial(int token) {
        return specialIds.contains(token);
    }

    /** The tokens that end an answer, as far as the tokenizer knows; generation_config.json may name more. */
    public Set<Integer> stopTokenIds() {
        return stopTokenIds;
    }

    /** One more than the largest id. A model's vocab_size is often larger, for alignment, and never smaller. */
    public int size() {
        return bytesOfToken.length;
    }

    public ChatTemplate chatTemplate() {
        return chatTemplate;
    }

    private int[] encode(String text, Predicate<AddedToken> recognised) {
        IntList out = new IntList();
        addedTokens.split(
                text,
                0,
                text.length(),
                (token, _, _) -> recognised.test(token),
                (start, end) -> out.addAll(bpe.encode(text.substring(start, end))),
                out::add);
        return out.toArray();
    }

    /** Tokenises a range of a rendering, in which only what the template wrote can be a control token. */
    void encode(Text text, int from, int to, IntList out) {
        addedTokens.split(
                text.chars(),
                from,
                to,
                (token, start, end) -> !token.special() || text.isFrom(start, end, origin -> origin == Text.TEMPLATE),
                (start, end) -> out.addAll(bpe.encode(text.chars().substring(start, end))),
                out::add);
    }

    /** Ids above the vocabulary, which a model with padded rows can produce, stand for nothing. */
    private byte[] bytes(int token) {
        byte[] bytes = token < bytesOfToken.length ? bytesOfToken[token] : null;
        return bytes == null ? NOTHING : bytes;
    }

    private Set<Integer> stopTokenIds(TokenizerConfig config) {
        Set<Integer> stops = new TreeSet<>();
        for (String token : List.of(IM_END, END_OF_TEXT, config.eosToken().orElse(IM_END))) {
            tokenId(token).ifPresent(stops::add);
        }
        return Collections.unmodifiableSet(stops);
    }

    private static byte[][] bytesOfToken(TokenizerJson json) {
        int largest = Math.max(
                json.vocabulary().values().stream()
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(-1),
                json.addedTokens().stream().mapToInt(AddedToken::id).max().orElse(-1));
        byte[][] table = new byte[largest + 1][];
        json.vocabulary().forEach((token, id) -> table[id] = ByteLevel.bytes(token));
        json.addedTokens().forEach(token -> table[token.id()] = token.content().getBytes(StandardCharsets.UTF_8));
        return table;
    }

    @Override
    public void close() {
        bpe.close();
    }
}

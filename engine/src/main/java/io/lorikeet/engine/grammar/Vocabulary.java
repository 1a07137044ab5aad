package io.lorikeet.engine.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The tokens' bytes as a tree, whose nodes are numbered in the order in which one walks it: a node's subtree is the nodes from
 * it to its end. Node 0 is the root.
 */
final class Vocabulary {
    private final byte[] label;
    private final int[] end;
    private final int[][] tokens;
    private final byte[][] bytes;

    private Vocabulary(byte[] label, int[] end, int[][] tokens, byte[][] bytes) {
        this.label = label;
        this.end = end;
        this.tokens = tokens;
        this.bytes = bytes;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Token(int id, byte[] bytes) {}

    /** @param bytesOfToken empty for a token that is no text */
    static Vocabulary of(int size, IntFunction<byte[]> bytesOfToken) {
        List<Token> sorted = new ArrayList<>();
        byte[][] bytes = new byte[size][];
        int most = 1;
        for (int id = 0; id < size; id++) {
            bytes[id] = bytesOfToken.apply(id);
            if (bytes[id].length > 0) {
                sorted.add(new Token(id, bytes[id]));
                most += bytes[id].length;
            }
        }
        sorted.sort(Comparator.comparing(Token::bytes, Arrays::compareUnsigned));

        byte[] label = new byte[most];
        int[] end = new int[most];
        int[][] tokens = new int[most][];
        int[] path =
                new int[1 + sorted.stream().mapToInt(t -> t.bytes.length).max().orElse(0)];
        int nodes = 1;
        int depth = 0;
        byte[] before = {};
        for (Token token : sorted) {
            int common = Arrays.mismatch(before, token.bytes);
            common = common < 0 ? token.bytes.length : common;
            for (; depth > common; depth--) {
                end[path[depth]] = nodes;
            }
            for (; depth < token.bytes.length; depth++) {
                label[nodes] = token.bytes[depth];
                path[depth + 1] = nodes++;
            }
            int node = path[depth];
            tokens[node] = tokens[node] == null ? new int[1] : Arrays.copyOf(tokens[node], tokens[node].length + 1);
            tokens[node][tokens[node].length - 1] = token.id;
            before = token.bytes;
        }
        for (; depth >= 0; depth--) {
            end[path[depth]] = nodes;
        }
        return new Vocabulary(
                Arrays.copyOf(label, nodes), Arrays.copyOf(end, nodes), Arrays.copyOf(tokens, nodes), bytes);
    }

    /** The byte that leads to a node. */
    int label(int node) {
        return label[node] & 0xff;
    }

    /** The node after a node's subtree. */
    int end(int node) {
        return end[node];
    }

    boolean hasChildren(int node) {
        return end[node] > node + 1;
    }

    /** Sets the tokens that end at a node. */
    void mark(int node, long[] mask) {
        if (tokens[node] != null) {
            for (int token : tokens[node]) {
                mask[token >> 6] |= 1L << token;
            }
        }
    }

    /** Of a token; empty if it is no text. */
    byte[] bytes(int token) {
        return token < bytes.length ? bytes[token] : new byte[0];
    }
}

package io.lorikeet.engine.generation;

import java.util.Arrays;

/** A piece of a prompt that a step runs. */
sealed interface PromptWork {
    Sequence sequence();

    /** Tokens of the prompt that had been run before. */
    int start();

    /** What it counts for in a step's budget of prompt tokens. */
    int cost();

    /** Prompt tokens {@code start}, …, {@code start + length - 1}. */
    record Chunk(Sequence sequence, int start, int length) implements PromptWork {
        int end() {
            return start + length;
        }

        /** Whether the prompt ends with it, and the first token of the answer is known then. */
        boolean isLast() {
            return end() == sequence.prompt().length();
        }

        int[] tokens() {
            return Arrays.copyOfRange(sequence.prompt().ids(), start, end());
        }

        @Override
        public int cost() {
            return length;
        }
    }

    /** The whole prompt, taken over from another answer to it. */
    record Fork(Sequence sequence, int start, Sequence source) implements PromptWork {
        @Override
        public int cost() {
            return 1;
        }
    }
}

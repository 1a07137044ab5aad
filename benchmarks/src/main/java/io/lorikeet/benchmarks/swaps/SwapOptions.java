package io.lorikeet.benchmarks.swaps;

import java.nio.file.Path;

/**
 * A load test of swaps.
 *
 * @param model folder of the base model
 * @param state folder for adapters, logs and the broker's data
 * @param swaps in all
 * @param block swaps in a row; after each, as long a time without, to compare with
 * @param names adapter names that are swapped in turn
 * @param numbers different adapters that are trained
 * @param clients in the closed loop; the service decodes one more at once, so that they keep it busy all the time and a new
 *     version's first token waits for no other request's end
 */
public record SwapOptions(Path model, Path state, int swaps, int block, int names, int numbers, int clients) {
    private static final int PARTS = 5;

    public SwapOptions {
        if (block < 1 || swaps % (PARTS * block) != 0) {
            throw new IllegalArgumentException("swaps: expected a multiple of " + PARTS + " times the block of " + block
                    + ", found " + swaps + "; memory is compared between fifths");
        }
        if (numbers < 2) {
            throw new IllegalArgumentException("numbers: expected at least 2, found " + numbers);
        }
    }

    /** Whether a block belongs to the second fifth of the run, which is the first that is warm. */
    boolean inSecondFifth(int number) {
        return number >= blocks() / PARTS && number < 2 * blocks() / PARTS;
    }

    boolean inLastFifth(int number) {
        return number >= (PARTS - 1) * blocks() / PARTS;
    }

    int blocks() {
        return swaps / block;
    }
}

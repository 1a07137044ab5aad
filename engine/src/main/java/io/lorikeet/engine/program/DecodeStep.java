package io.lorikeet.engine.program;

import io.lorikeet.engine.model.RankRows;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The static arguments of a decode step, which choose what work it is.
 *
 * @param rows slots 0 … rows-1 get a token each
 * @param visible cached positions looked at
 * @param adapters what the rows need of them
 * @param flags what else the step does; none: it ends with the logits, and {@link ChooseStep} follows
 */
record DecodeStep(int rows, int visible, StepAdapters adapters, Optional<StepFlags> flags) {
    private static final int SMALLEST_VISIBLE = 256;
    private static final int FEW_ROWS = 8;

    /**
     * The same step for a few more rows and positions, so that few kinds of steps occur: 1, 2, 4, 8, 16, 24, … rows; 256,
     * 512, 1024, … positions; no rank rows or all. Rows that run nothing, positions that no row has reached and adapters
     * that no row has change nothing.
     */
    DecodeStep rounded(int maxNumSeqs, int maxModelLen, int rankRows) {
        int roundedVisible = Math.max(SMALLEST_VISIBLE, powerOfTwo(visible));
        return new DecodeStep(
                rounded(rows, maxNumSeqs), Math.min(roundedVisible, maxModelLen), adapters.rounded(rankRows), flags);
    }

    /** A few more rows, as steps are rounded. */
    static int rounded(int rows, int maxNumSeqs) {
        int rounded = rows <= FEW_ROWS ? powerOfTwo(rows) : (rows + FEW_ROWS - 1) / FEW_ROWS * FEW_ROWS;
        return Math.min(rounded, maxNumSeqs);
    }

    /**
     * The kinds of steps that common requests need, the commonest first: every number of rows, answers of base and plain LoRA adapters,
     * greedy or with a temperature.
     *
     * @param rankRows the device's
     * @param positions cached positions up to which answers get
     * @param limit kinds at most
     */
    static List<DecodeStep> common(int maxNumSeqs, int maxModelLen, int rankRows, int positions, int limit) {
        var lora = new StepAdapters(new RankRows(0, rankRows), false);
        Set<DecodeStep> steps = new LinkedHashSet<>();
        for (int visible = SMALLEST_VISIBLE; visible < 2 * positions; visible *= 2) {
            for (StepFlags flags : List.of(StepFlags.NONE, StepFlags.SAMPLING)) {
                for (StepAdapters adapters : List.of(lora, StepAdapters.NONE)) {
                    for (int rows = 1; rows <= maxNumSeqs; rows++) {
                        steps.add(new DecodeStep(rows, visible, adapters, Optional.of(flags))
                                .rounded(maxNumSeqs, maxModelLen, rankRows));
                    }
                }
            }
        }
        return steps.stream().limit(limit).toList();
    }

    private static int powerOfTwo(int number) {
        return number == 1 ? 1 : Integer.highestOneBit(number - 1) << 1;
    }
}

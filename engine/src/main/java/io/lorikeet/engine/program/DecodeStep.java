package io.lorikeet.engine.program;

/**
 * The static arguments of a decode step, which choose what work it is.
 *
 * @param rows slots 0 … rows-1 get a token each
 * @param visible cached positions looked at
 * @param adapters where the adapters of all rows are
 * @param flags what else the step does
 */
record DecodeStep(int rows, int visible, AdapterSlots adapters, StepFlags flags) {
    private static final int SMALLEST_VISIBLE = 256;
    private static final int FEW_ROWS = 8;

    /**
     * The same step for a few more rows and positions, so that few kinds of steps occur: 1, 2, 4, 8, 16, 24, … rows; 256,
     * 512, 1024, … positions; no adapter slots or all. Rows that run nothing, positions that no row has reached and adapters
     * that no row has change nothing.
     */
    DecodeStep rounded(int maxNumSeqs, int maxModelLen, int maxLoras) {
        int roundedRows = rows <= FEW_ROWS ? powerOfTwo(rows) : (rows + FEW_ROWS - 1) / FEW_ROWS * FEW_ROWS;
        int roundedVisible = Math.max(SMALLEST_VISIBLE, powerOfTwo(visible));
        return new DecodeStep(
                Math.min(roundedRows, maxNumSeqs),
                Math.min(roundedVisible, maxModelLen),
                adapters.isEmpty() ? adapters : AdapterSlots.all(maxLoras),
                flags);
    }

    private static int powerOfTwo(int number) {
        return number == 1 ? 1 : Integer.highestOneBit(number - 1) << 1;
    }
}

package io.lorikeet.engine.program;

/**
 * The static arguments of a decode step, which choose what work it is.
 *
 * @param rows slots 0 … rows-1 get a token each
 * @param visible cached positions looked at
 * @param flags what else the step does
 */
record DecodeStep(int rows, int visible, StepFlags flags) {
    private static final int SMALLEST_VISIBLE = 256;
    private static final int FEW_ROWS = 8;

    /**
     * The same step for a few more rows and positions, so that few kinds of steps occur: 1, 2, 4, 8, 16, 24, … rows; 256,
     * 512, 1024, … positions. Rows that run nothing and positions that no row has reached change nothing.
     */
    DecodeStep rounded(int maxNumSeqs, int maxModelLen) {
        int roundedRows = rows <= FEW_ROWS ? powerOfTwo(rows) : (rows + FEW_ROWS - 1) / FEW_ROWS * FEW_ROWS;
        int roundedVisible = Math.max(SMALLEST_VISIBLE, powerOfTwo(visible));
        return new DecodeStep(Math.min(roundedRows, maxNumSeqs), Math.min(roundedVisible, maxModelLen), flags);
    }

    private static int powerOfTwo(int number) {
        return number == 1 ? 1 : Integer.highestOneBit(number - 1) << 1;
    }
}

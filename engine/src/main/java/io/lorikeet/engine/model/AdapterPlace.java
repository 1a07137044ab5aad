package io.lorikeet.engine.model;

import java.util.List;
import java.util.stream.Stream;

/**
 * Where an adapter is on the device.
 *
 * @param slot its number among the adapters there
 * @param runs its rank rows, not always in one piece
 * @param adjusted whether it is one beyond plain LoRA, with magnitudes or biases
 */
public record AdapterPlace(int slot, List<RankRows> runs, boolean adjusted) {
    public AdapterPlace {
        runs = List.copyOf(runs);
    }

    /** In one piece. */
    public static AdapterPlace of(int slot, int firstRow, int rows, boolean adjusted) {
        return new AdapterPlace(slot, List.of(new RankRows(firstRow, rows)), adjusted);
    }

    /** From its first rank row to its last; others' may lie between. */
    public RankRows span() {
        return runs.stream().reduce(RankRows.NONE, RankRows::with);
    }

    /** First row and count of each piece, as the program takes them. */
    public long[] numbers() {
        return runs.stream()
                .flatMap(run -> Stream.of(run.first(), run.count()))
                .mapToLong(Integer::longValue)
                .toArray();
    }
}

package io.lorikeet.gateway.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a job's events stand, in the order in which they came: runs of neighbours, written one after the other as a few bytes
 * each. What would take more than {@link #MOST_BYTES} becomes coarse: runs then also cover what lies between, and whoever reads
 * them goes by the job's id.
 */
final class Places {
    static final int MOST_BYTES = 32 << 10;

    /** Neighbours on a partition. */
    record Run(int partition, long first, long count) {
        long end() {
            return first + count;
        }

        boolean holds(Place place) {
            return place.partition() == partition && place.offset() >= first && place.offset() < end();
        }
    }

    private byte[] closed = new byte[8];
    private int length;
    /** The run that may still grow; null before the first event. */
    private Run open;
    /** Of the run before it; the next one is told by its distance. */
    private Run last = new Run(0, 0, 0);

    void add(Place place) {
        boolean same = open != null && open.partition() == place.partition() && place.offset() >= open.end();
        if (same && (place.offset() == open.end() || length > MOST_BYTES)) {
            open = new Run(open.partition(), open.first(), place.offset() - open.first() + 1);
            return;
        }
        close();
        open = new Run(place.partition(), place.offset(), 1);
    }

    /** As {@link #flat} wrote them. */
    static Places of(List<Long> flat) {
        var places = new Places();
        for (var run : runs(flat)) {
            places.close();
            places.open = run;
        }
        return places;
    }

    static List<Run> runs(List<Long> flat) {
        var runs = new ArrayList<Run>();
        for (int i = 0; i < flat.size(); i += 3) {
            runs.add(new Run(Math.toIntExact(flat.get(i)), flat.get(i + 1), flat.get(i + 2)));
        }
        return runs;
    }

    /** Partition, first offset and count of each run. */
    List<Long> flat() {
        return flat(runs());
    }

    static List<Long> flat(List<Run> runs) {
        return runs.stream()
                .flatMap(run -> Stream.of((long) run.partition(), run.first(), run.count()))
                .toList();
    }

    /** The runs widened by a place: one a partition, from its first to its last. */
    static List<Run> widened(List<Run> extent, Place place) {
        if (extent.size() == 1 && extent.getFirst().partition() == place.partition()) {
            // as nearly always: a job's events have one key
            return List.of(widened(extent.getFirst(), place));
        }
        var wider = new ArrayList<Run>(extent.size() + 1);
        boolean known = false;
        for (var run : extent) {
            boolean here = run.partition() == place.partition();
            known |= here;
            wider.add(here ? widened(run, place) : run);
        }
        if (!known) {
            wider.add(new Run(place.partition(), place.offset(), 1));
        }
        return wider;
    }

    private static Run widened(Run run, Place place) {
        return place.offset() < run.end()
                ? run
                : new Run(run.partition(), run.first(), place.offset() - run.first() + 1);
    }

    /** Bytes that it takes. */
    int bytes() {
        return closed.length;
    }

    /**
     * The runs behind a place; all of them if it is not among them.
     *
     * @param most so many offsets; what lies behind comes with a later call
     */
    List<Run> after(Optional<Place> place, long most) {
        var all = runs();
        int from = 0;
        if (place.isPresent()) {
            for (int i = 0; i < all.size(); i++) {
                if (all.get(i).holds(place.get())) {
                    var cut = all.get(i);
                    long next = place.get().offset() + 1;
                    all.set(i, new Run(cut.partition(), next, cut.end() - next));
                    from = i;
                    break;
                }
            }
        }
        var some = new ArrayList<Run>();
        long left = most;
        for (var run : all.subList(from, all.size())) {
            if (run.count() > 0 && left > 0) {
                var part = new Run(run.partition(), run.first(), Math.min(left, run.count()));
                some.add(part);
                left -= part.count();
            }
        }
        return some;
    }

    private List<Run> runs() {
        var runs = new ArrayList<Run>();
        var before = new Run(0, 0, 0);
        int[] at = {0};
        while (at[0] < length) {
            int partition = before.partition() + Math.toIntExact(number(at));
            long first = before.end() + number(at);
            before = new Run(partition, first, number(at));
            runs.add(before);
        }
        if (open != null) {
            runs.add(open);
        }
        return runs;
    }

    private void close() {
        if (open == null) {
            return;
        }
        write(open.partition() - last.partition());
        write(open.first() - last.end());
        write(open.count());
        last = open;
    }

    /** Seven bits a byte, the sign in the lowest. */
    private void write(long value) {
        long rest = (value << 1) ^ (value >> 63);
        do {
            if (length == closed.length) {
                closed = Arrays.copyOf(closed, length + length / 2);
            }
            closed[length++] = (byte) ((rest & 0x7f) | (rest > 0x7f || rest < 0 ? 0x80 : 0));
            rest >>>= 7;
        } while (rest != 0);
    }

    private long number(int[] at) {
        long rest = 0;
        int shift = 0;
        byte next;
        do {
            next = closed[at[0]++];
            rest |= (long) (next & 0x7f) << shift;
            shift += 7;
        } while (next < 0);
        return (rest >>> 1) ^ -(rest & 1);
    }
}

package io.lorikeet.gateway;

import io.lorikeet.contracts.Shown;
import io.lorikeet.http.ApiException;
import java.util.List;
import java.util.function.Function;

/**
 * A part of a list that may be long.
 *
 * @param hasMore whether there are others behind it; {@code after} the last one's name they come
 */
public record Page<T>(List<T> items, boolean hasMore) {
    /** Items that come unless the request says how many. */
    public static final String DEFAULT_LIMIT = "100";

    private static final int MOST = 1000;

    /**
     * Which part.
     *
     * @param after name of the last one of the page before; null for the first page
     */
    public record Wanted(int limit, String after) {
        public Wanted {
            if (limit < 1 || limit > MOST) {
                throw ApiException.badRequest(
                        "limit", "invalid_value", "limit: is " + limit + ", must be from 1 to " + MOST);
            }
        }
    }

    /** The same part, of other things. */
    public <R> Page<R> map(Function<T, R> other) {
        return new Page<>(items.stream().map(other).toList(), hasMore);
    }

    /** That part of all. */
    public static <T> Page<T> of(List<T> all, Function<T, String> name, Wanted wanted) {
        int from = 0;
        if (wanted.after() != null) {
            while (from < all.size() && !name.apply(all.get(from)).equals(wanted.after())) {
                from++;
            }
            if (from++ == all.size()) {
                throw ApiException.badRequest(
                        "after",
                        "invalid_value",
                        "after: nothing in this list has the name " + Shown.value(wanted.after())
                                + "; leave it out to begin at the beginning");
            }
        }
        int end = Math.min(all.size(), from + wanted.limit());
        return new Page<>(List.copyOf(all.subList(from, end)), end < all.size());
    }
}

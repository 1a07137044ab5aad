package io.lorikeet.gateway.openai;

import io.lorikeet.contracts.Shown;
import io.lorikeet.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A part of a list, as OpenAI's clients go through it: the next one begins after the last id of this.
 *
 * @param hasMore whether there is a next one
 * @param firstId null if it is empty
 * @param lastId null if it is empty
 */
public record ListPage<T>(
        String object,
        List<T> data,
        @Schema(name = "has_more") boolean hasMore,
        @Schema(name = "first_id") String firstId,
        @Schema(name = "last_id") String lastId) {

    /**
     * The part that a client asks for.
     *
     * @param ids all there are, in the list's order
     * @param after the last id of the part before; null: from the beginning
     * @param limit most entries
     * @param entry what has an id; empty: nothing that belongs in the list
     * @param id of an entry
     */
    public static <T> ListPage<T> of(
            List<String> ids, String after, int limit, Function<String, Optional<T>> entry, Function<T, String> id) {
        var data = new ArrayList<T>();
        boolean more = false;
        for (var each : ids.subList(start(ids, after), ids.size())) {
            var found = entry.apply(each);
            if (found.isPresent() && data.size() == limit) {
                more = true;
                break;
            }
            found.ifPresent(data::add);
        }
        return new ListPage<>(
                "list",
                data,
                more,
                data.isEmpty() ? null : id.apply(data.getFirst()),
                data.isEmpty() ? null : id.apply(data.getLast()));
    }

    /** A limit that a client asks for, within what may be asked for. */
    public static int limit(Integer asked, int byDefault, int most) {
        int limit = asked == null ? byDefault : asked;
        if (limit < 1 || limit > most) {
            throw ApiException.badRequest(
                    "limit", null, "limit: is out of range; expected a whole number from 1 to " + most);
        }
        return limit;
    }

    private static int start(List<String> ids, String after) {
        if (after == null) {
            return 0;
        }
        int at = ids.indexOf(after);
        if (at < 0) {
            throw ApiException.badRequest(
                    "after",
                    null,
                    "after: " + Shown.name(after) + " is not in this list; expected the id of its last entry");
        }
        return at + 1;
    }
}

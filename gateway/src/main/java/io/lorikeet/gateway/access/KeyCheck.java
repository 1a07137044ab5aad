package io.lorikeet.gateway.access;

import io.lorikeet.contracts.keys.Role;
import io.lorikeet.http.Bearer;
import io.lorikeet.http.Door;
import io.lorikeet.http.RequestContext;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks each request for its key, behind {@link Door} and before its body is read. */
@ApplicationScoped
public class KeyCheck {
    private final Keys keys;
    private final Quotas quotas;

    KeyCheck(Keys keys, Quotas quotas) {
        this.keys = keys;
        this.quotas = quotas;
    }

    void open(@Observes Router router) {
        if (keys.required()) {
            router.route().order(Door.BEHIND).handler(this::check);
        }
    }

    private void check(RoutingContext context) {
        var request = context.request();
        var needed = RouteRoles.needed(request.method(), context.normalizedPath());
        if (needed.isEmpty()) {
            context.next();
            return;
        }
        var caller = Bearer.token(request).flatMap(keys::find);
        if (caller.isEmpty()) {
            Bearer.unauthorized(
                    context,
                    "API key",
                    "send the header Authorization: Bearer KEY with one that `./lorikeet keys create` has made");
            return;
        }
        RequestContext.key(caller.get().name());
        if (needed.get().stream().noneMatch(caller.get()::has)) {
            Bearer.forbidden(
                    context,
                    "insufficient_role",
                    "this API key is for " + words(caller.get().roles()) + ", and this needs " + words(needed.get()));
            return;
        }
        var exceeded = quotas.request(caller.get());
        if (exceeded.isPresent()) {
            Door.answer(context, exceeded.get());
            return;
        }
        caller.get().begin();
        context.next();
    }

    private static String words(Set<Role> roles) {
        return roles.stream().sorted().map(Role::toString).collect(Collectors.joining(" or "));
    }
}

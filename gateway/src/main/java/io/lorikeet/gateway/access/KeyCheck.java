package io.lorikeet.gateway.access;

import io.lorikeet.contracts.keys.Role;
import io.lorikeet.http.ApiException;
import io.lorikeet.http.Bearer;
import io.lorikeet.http.Door;
import io.lorikeet.http.RequestContext;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Asks each request for its key or its token, behind {@link Door} and before its body is read. */
@ApplicationScoped
public class KeyCheck {
    private static final String KEY =
            "send the header Authorization: Bearer KEY with one that `./lorikeet keys create` has made";
    private static final String TOKEN =
            ", or Authorization: Bearer TOKEN with a valid token of the provider of identities that is for this service";

    private static final Logger LOG = Logger.getLogger(KeyCheck.class);
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final Keys keys;
    private final Tokens tokens;
    private final Quotas quotas;

    KeyCheck(Keys keys, Tokens tokens, Quotas quotas) {
        this.keys = keys;
        this.tokens = tokens;
        this.quotas = quotas;
    }

    void open(@Observes Router router) {
        if (keys.required() || tokens.accepted()) {
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
        var token = Bearer.token(request);
        var holder = token.flatMap(keys::find);
        if (holder.isPresent() || token.isEmpty() || !tokens.accepted()) {
            enter(context, needed.get(), holder);
            return;
        }
        tokens.find(token.get(), context)
                .subscribe()
                .with(caller -> enter(context, needed.get(), caller), failure -> unknown(context, failure));
    }

    private static void unknown(RoutingContext context, Throwable failure) {
        LOG.errorf(failure, "the provider of identities cannot be asked about a token");
        Door.answer(
                context,
                ApiException.unavailable("the provider of identities cannot be asked now", RETRY, failure)
                        .error());
    }

    private void enter(RoutingContext context, Set<Role> needed, Optional<Caller> caller) {
        if (caller.isEmpty()) {
            Bearer.unauthorized(context, "API key", tokens.accepted() ? KEY + TOKEN : KEY);
            return;
        }
        RequestContext.key(caller.get().name());
        if (needed.stream().noneMatch(caller.get()::has)) {
            Bearer.forbidden(
                    context,
                    "insufficient_role",
                    "this API key is for " + words(caller.get().roles()) + ", and this needs " + words(needed));
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

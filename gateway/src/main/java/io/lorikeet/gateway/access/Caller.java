package io.lorikeet.gateway.access;

import io.lorikeet.contracts.FineTunedModel;
import io.lorikeet.contracts.keys.ApiKey;
import io.lorikeet.contracts.keys.Quota;
import io.lorikeet.contracts.keys.Role;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose request it is. It belongs to the request's context, and is there as long as that is.
 *
 * @param id of the key, or the subject of a token; empty where neither is asked for
 * @param name for people
 */
public record Caller(Optional<String> id, String name, Set<Role> roles, Set<String> adapters, Quota quota) {
    private static final String LOCAL = Caller.class.getName();

    /** Anybody, where no keys are asked for. */
    static final Caller ANYBODY = new Caller(Optional.empty(), "anybody", Set.of(Role.ADMIN), Set.of(), Quota.NONE);

    static Caller of(ApiKey key) {
        return new Caller(Optional.of(key.id()), key.name(), key.roles(), key.adapters(), key.quota());
    }

    /**
     * Whoever a provider of identities vouches for.
     *
     * @param roles those that are none of ours open nothing
     */
    static Caller of(String subject, String name, Set<String> roles, Set<String> adapters) {
        var known = Arrays.stream(Role.values())
                .filter(role -> roles.contains(role.toString()))
                .collect(Collectors.toUnmodifiableSet());
        return new Caller(Optional.of(subject), name, known, adapters, Quota.NONE);
    }

    /** Of the request that is being served, if it was asked for a key. */
    static Optional<Caller> current() {
        var context = Vertx.currentContext();
        return context == null ? Optional.empty() : Optional.ofNullable(context.getLocal(LOCAL));
    }

    /** From here on the request is this caller's. */
    void begin() {
        var context = Vertx.currentContext();
        if (!VertxContext.isDuplicatedContext(context)) {
            throw new IllegalStateException("a request has a context of its own");
        }
        context.putLocal(LOCAL, this);
    }

    boolean has(Role role) {
        return roles.contains(role) || roles.contains(Role.ADMIN);
    }

    /**
     * Whether it may ask for, train and change what has this name. What a fine-tuning job makes has a name of its own each time,
     * and belongs to the adapter that its suffix names.
     */
    boolean mayUse(String name) {
        return adapters.isEmpty()
                || adapters.contains(name)
                || FineTunedModel.ofAdapter(name)
                        .or(() -> FineTunedModel.ofName(name))
                        .filter(model -> adapters.contains(model.suffix()) || adapters.contains(model.adapter()))
                        .isPresent();
    }
}

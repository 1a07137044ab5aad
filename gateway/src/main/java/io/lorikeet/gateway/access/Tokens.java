package io.lorikeet.gateway.access;

import io.lorikeet.gateway.GatewayConfig;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticator;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.JsonArray;
import jakarta.json.JsonString;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.Claims;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Tokens of an OpenID Connect provider, where one is configured ({@code quarkus.oidc.tenant-enabled}): who signed one, whom it
 * is for and how long, checks Quarkus; roles and adapters are read from its claims.
 */
@ApplicationScoped
class Tokens {
    private final boolean accepted;
    private final Optional<List<String>> audience;
    private final String adaptersClaim;
    private final HttpAuthenticator authenticator;

    Tokens(
            @ConfigProperty(name = "quarkus.oidc.tenant-enabled") boolean accepted,
            @ConfigProperty(name = "quarkus.oidc.token.audience") Optional<List<String>> audience,
            GatewayConfig config,
            HttpAuthenticator authenticator) {
        this.accepted = accepted;
        this.audience = audience;
        this.adaptersClaim = config.access().oidcAdaptersClaim();
        this.authenticator = authenticator;
    }

    /** Whether there is a provider. */
    boolean accepted() {
        return accepted;
    }

    /** Whether it is known whom tokens have to be for. */
    boolean haveAudience() {
        return audience.isPresent();
    }

    /** Whose token a request brings; empty if it is not one of the provider's, or no longer. */
    Uni<Optional<Caller>> find(String token, RoutingContext context) {
        if (token.chars().filter(letter -> letter == '.').count() != 2) {
            return Uni.createFrom().item(Optional.empty()); // nobody has signed it, so it is a mistaken key
        }
        return authenticator
                .attemptAuthentication(context)
                .map(identity -> Optional.ofNullable(identity).flatMap(this::caller))
                .onFailure(AuthenticationFailedException.class)
                .recoverWithItem(Optional.empty());
    }

    private Optional<Caller> caller(SecurityIdentity identity) {
        return identity.getPrincipal() instanceof JsonWebToken token
                ? id(token).map(id -> caller(id, token, identity.getRoles()))
                : Optional.empty();
    }

    /** Without the claim a token is for all adapters; one that lists none opens nothing. */
    private Caller caller(String id, JsonWebToken token, Set<String> roles) {
        Object claim = token.getClaim(adaptersClaim);
        var adapters = adapters(claim);
        boolean forNone = claim != null && adapters.isEmpty();
        return Caller.of(id, Objects.requireNonNullElse(token.getName(), id), forNone ? Set.of() : roles, adapters);
    }

    /** The subject; some providers name for a program's token the program alone. */
    private static Optional<String> id(JsonWebToken token) {
        return Stream.of(Claims.sub.name(), Claims.azp.name(), "client_id")
                .map(token::getClaim)
                .filter(Objects::nonNull)
                .map(claim -> claim instanceof JsonString text ? text.getString() : claim.toString())
                .findFirst();
    }

    /** A list, or words with blanks between them, as {@code scope} has them. */
    private static Set<String> adapters(Object claim) {
        var adapters = new HashSet<String>();
        switch (claim) {
            case null -> {}
            case JsonArray list -> list.getValuesAs(JsonString.class).forEach(name -> adapters.add(name.getString()));
            case Iterable<?> list -> list.forEach(name -> adapters.add(name.toString()));
            case JsonString words -> adapters.addAll(words(words.getString()));
            default -> adapters.addAll(words(claim.toString()));
        }
        return adapters;
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }
}

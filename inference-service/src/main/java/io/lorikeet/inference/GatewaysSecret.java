package io.lorikeet.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lorikeet.http.Bearer;
import io.lorikeet.http.Door;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.security.MessageDigest;
import java.util.Optional;

/** Lets in who knows the secret that gateways share with this service, if there is one. */
@ApplicationScoped
public class GatewaysSecret {
    private final Optional<byte[]> secret;

    @Inject
    GatewaysSecret(InferenceConfig config) {
        this(config.inferenceSecret());
    }

    GatewaysSecret(Optional<String> secret) {
        this.secret = secret.map(text -> text.getBytes(UTF_8));
    }

    void open(@Observes Router router) {
        if (secret.isPresent()) {
            router.route().order(Door.BEHIND).handler(this::check);
        }
    }

    private void check(RoutingContext context) {
        boolean known = Bearer.token(context.request())
                .filter(token -> MessageDigest.isEqual(token.getBytes(UTF_8), secret.orElseThrow()))
                .isPresent();
        if (known) {
            context.next();
        } else {
            Bearer.unauthorized(
                    context,
                    "secret of this service",
                    "send the header Authorization: Bearer with this service's LORIKEET_INFERENCE_SECRET");
        }
    }
}

package io.lorikeet.gateway.access;

import io.lorikeet.contracts.ContractException;
import io.lorikeet.gateway.GatewayConfig;
import io.quarkus.runtime.PreventFurtherStepsException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Says at start who is let in, and does not start where that would be everybody by oversight. */
@ApplicationScoped
public class OpenDoor {
    private static final Logger LOG = Logger.getLogger(OpenDoor.class);

    void look(
            @Observes @Priority(1) StartupEvent event,
            GatewayConfig config,
            Keys keys,
            Tokens tokens,
            @ConfigProperty(name = "quarkus.http.host") String host) {
        if (tokens.accepted() && !tokens.haveAudience()) {
            refuse(
                    "any token of the provider of identities would open this gateway. Set QUARKUS_OIDC_TOKEN_AUDIENCE to what its"
                            + " tokens for this gateway have as `aud`, or to `any`");
        }
        if (keys.required()) {
            requireReadable(config, keys);
        } else if (tokens.accepted()) {
            LOG.info("asks for tokens of the provider of identities, and has no API keys of its own");
        } else if (isLoopback(host)) {
            LOG.infof("asks for no API keys, as it listens on %s alone: whoever reaches that may do everything", host);
        } else if (config.access().open()) {
            LOG.warnf(
                    "asks for no API keys and listens on %s: whoever reaches it may do everything (LORIKEET_ACCESS_OPEN)",
                    host);
        } else {
            refuse("listening on " + host + " without API keys would let everybody do everything. Set"
                    + " LORIKEET_ACCESS_KEYS_FILE to a file that `./lorikeet keys create` has made, or QUARKUS_HTTP_HOST to"
                    + " 127.0.0.1, or, where something else keeps the others away, LORIKEET_ACCESS_OPEN to true");
        }
    }

    private static void requireReadable(GatewayConfig config, Keys keys) {
        try {
            keys.require();
        } catch (IOException | ContractException e) {
            refuse("the API keys in " + config.access().keysFile().orElseThrow() + " cannot be read: " + e);
        }
    }

    private static void refuse(String why) {
        // the one line that whoever started it needs, instead of a stack trace
        LOG.fatalf("does not start: %s", why);
        Quarkus.asyncExit(1);
        throw new PreventFurtherStepsException();
    }

    private static boolean isLoopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException _) {
            return false;
        }
    }
}

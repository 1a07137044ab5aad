package io.lorikeet.messaging;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/**
 * A broker that answers, and does not let us in: trying again at once helps nobody, and a person has to hear of it.
 *
 * @param why what that person has to put right
 * @param ofRights whether it knows the user, who may not do this; otherwise {@link BrokerWatch} has met with the same and has
 *     said so, once
 */
public record Refusal(String why, boolean ofRights) {
    /** How long to wait before it is asked again: users and rights come, too. */
    public static final Duration RETRY = Duration.ofSeconds(30);

    /**
     * Of a client's failure; empty if it is none.
     *
     * @param connection settings of that client
     */
    public static Optional<Refusal> of(Throwable failure, Map<String, Object> connection) {
        String broker = "the broker at " + connection.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SslAuthenticationException) {
                return identity("no TLS with " + broker + ": " + innermost(cause)
                        + "; kafka.ssl.truststore.location has to be a file with the certificate of who signed the broker's,"
                        + " which has to be for the name by which it is asked");
            } else if (cause instanceof AuthenticationException) {
                return identity(broker + " refuses the user: " + cause.getMessage()
                        + "; kafka.sasl.username and kafka.sasl.password have to be those of a user that it knows by "
                        + mechanism(connection));
            } else if (cause instanceof AuthorizationException) {
                return Optional.of(new Refusal(
                        broker + " does not let the user do this: " + cause.getMessage()
                                + "; docs/operations.md lists the rights",
                        true));
            }
        }
        return Optional.empty();
    }

    private static Optional<Refusal> identity(String why) {
        return Optional.of(new Refusal(why, false));
    }

    private static Object mechanism(Map<String, Object> connection) {
        return connection.getOrDefault(SaslConfigs.SASL_MECHANISM, SaslConfigs.DEFAULT_SASL_MECHANISM);
    }

    static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }
}

package io.lorikeet.gateway.access;

import io.lorikeet.contracts.AdapterAddress;
import io.lorikeet.contracts.Shown;
import io.lorikeet.http.ApiError;
import io.lorikeet.http.ApiException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jboss.logging.Logger;

/**
 * What the caller of the present request may do beyond the gateway, asked where requests leave it, so that no route forgets
 * to; and the line in the log for each change that it makes there.
 */
@ApplicationScoped
public class Permissions {
    private static final Logger AUDIT = Logger.getLogger("io.lorikeet.audit");

    /** Jobs take minutes; nobody knows how many. */
    private static final Duration JOB_ENDS = Duration.ofSeconds(30);

    private final Keys keys;
    private final Tokens tokens;
    private final Quotas quotas;

    Permissions(Keys keys, Tokens tokens, Quotas quotas) {
        this.keys = keys;
        this.tokens = tokens;
        this.quotas = quotas;
    }

    /** Name of the caller's key, where keys are asked for. */
    public Optional<String> keyName() {
        var caller = caller();
        return caller.id().map(_ -> caller.name());
    }

    /** Id of the caller's key, where keys are asked for. */
    public Optional<String> keyId() {
        return caller().id();
    }

    /** The gateway itself changes something, of its own accord. */
    public void own(String what) {
        AUDIT.infof("the gateway: %s", what);
    }

    /**
     * It asks.
     *
     * @param models that its request names
     * @param bytes of the request
     * @return what its answer's tokens are counted with
     * @throws ApiException 403 if the model is not one of the caller's, 429 if it has used its tokens
     */
    public TokenMeter ask(List<String> models, int bytes) {
        var caller = caller();
        if (!caller.adapters().isEmpty()) {
            // where none is named, or two are, the inference service refuses
            models.forEach(model -> require(AdapterAddress.of(model).adapter()));
        }
        quotas.requireTokens(caller);
        return caller.quota().tokensPerMinute() == null
                ? TokenMeter.NONE
                : new TokenMeter(bytes, used -> quotas.tokens(caller, used));
    }

    /**
     * It changes something of an adapter.
     *
     * @throws ApiException 403 if that is not one of the caller's
     */
    public void change(String adapter, String what) {
        require(adapter);
        audit(what);
    }

    /** It changes something. */
    public void audit(String what) {
        var caller = caller();
        AUDIT.infof(
                "%s%s: %s",
                caller.name(), caller.id().map(id -> " (key " + id + ")").orElse(""), what);
    }

    /**
     * It begins a job.
     *
     * @param running how many jobs of the key of a name wait or run
     * @throws ApiException 429 if those are as many as it may have
     */
    public void requireJob(ToIntFunction<String> running) {
        var caller = caller();
        var most = caller.quota().runningJobs();
        if (most != null && running.applyAsInt(caller.name()) >= most) {
            throw ApiException.of(
                    Quotas.exceeded("this key may have " + most + " jobs that wait or run, and has them", JOB_ENDS));
        }
    }

    /**
     * It is about an adapter.
     *
     * @throws ApiException 403 if that is not one of the caller's
     */
    public void require(String adapter) {
        var caller = caller();
        if (!caller.mayUse(adapter)) {
            throw ApiException.of(new ApiError(
                    403,
                    "this API key is not for " + Shown.name(adapter) + ", only for "
                            + String.join(
                                    ", ", caller.adapters().stream().sorted().toList()),
                    null,
                    "adapter_not_allowed",
                    List.of(),
                    Optional.empty()));
        }
    }

    /** Whoever is not known is nobody where keys are asked for. */
    private Caller caller() {
        return Caller.current().orElseGet(() -> {
            if (keys.required() || tokens.accepted()) {
                throw new IllegalStateException("nobody has asked for this");
            }
            return Caller.ANYBODY;
        });
    }
}

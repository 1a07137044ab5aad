package io.lorikeet.messaging;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the broker every few seconds for its cluster, and waits for the answer only so long: a broker that is frozen still
 * accepts connections, and whoever only reads from it sees a topic to which nobody writes.
 */
public final class BrokerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int ANSWER_MS = 3_000;

    private final Map<String, Object> settings;
    private final Thread thread;
    private volatile Answer answer;

    /**
     * The last question.
     *
     * @param given whether it was answered
     * @param since nanoTime of the first one in a row of which this is true
     * @param why it was not
     */
    private record Answer(boolean given, long since, String why) {}

    /** @param connection settings of every Kafka client, {@code bootstrap.servers} among them */
    public BrokerWatch(Map<String, Object> connection) {
        settings = new HashMap<>(connection);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "broker-watch");
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MS);
        answer = new Answer(false, System.nanoTime(), "it was not asked yet");
        thread = Thread.ofVirtual().name("broker-watch").unstarted(this::run);
    }

    /** Starts it. */
    public void start() {
        thread.start();
    }

    /** Whether it answered when it was asked last. */
    public boolean answers() {
        return answer.given();
    }

    /** The state in words. */
    public String describe() {
        var last = answer;
        return last.given()
                ? "answers"
                : "has not answered for "
                        + Duration.ofNanos(System.nanoTime() - last.since()).toSeconds() + " s: " + last.why();
    }

    private void run() {
        try {
            while (true) {
                watch();
                Thread.sleep(Refusal.RETRY); // without the client, which would try on every second by itself
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.debug("stopped");
        }
    }

    /** Returns when it is refused, or when no client can be made: certificates may be replaced at this moment. */
    private void watch() throws InterruptedException {
        try (var admin = Admin.create(settings)) {
            while (!refuses(admin)) {
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            refused("no Kafka client can be made: " + Refusal.innermost(e));
        }
    }

    private boolean refuses(Admin admin) throws InterruptedException {
        try {
            admin.describeCluster().nodes().get();
            note(true, null);
            return false;
        } catch (ExecutionException e) {
            return failed(e.getCause());
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            return failed(e);
        }
    }

    private boolean failed(Throwable failure) {
        var refusal = Refusal.of(failure, settings);
        refusal.ifPresentOrElse(it -> refused(it.why()), () -> silent(failure.getMessage()));
        return refusal.isPresent();
    }

    /** Trying again at once helps nobody. */
    private void refused(String why) {
        if (!why.equals(answer.why())) {
            LOG.error("{}; trying on", why);
        }
        note(false, why);
    }

    private void silent(String why) {
        if (answer.given()) {
            LOG.warn("The broker at {} does not answer: {}", settings.get("bootstrap.servers"), why);
        }
        note(false, why);
    }

    private void note(boolean given, String why) {
        var last = answer;
        answer = new Answer(given, last.given() == given ? last.since() : System.nanoTime(), why);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

package io.lorikeet.e2e;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.client.JobFollower;
import io.lorikeet.cli.stack.LocalStack;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.StackListener;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.contracts.CheckpointEvent;
import io.lorikeet.contracts.TrainingEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One stack for all tests that take a {@link SharedStack} parameter; it ends with the test run. */
final class SharedStack implements AutoCloseable {

    private final LocalStack stack;
    private final GatewayClient gateway;

    private SharedStack(Path state) {
        ProjectHome home = ProjectHome.current();
        this.stack = LocalStack.start(
                new StackOptions(
                        home,
                        state,
                        home.defaultModel(),
                        PortPlan.free(),
                        1,
                        StackOptions.DEFAULT_ADAPTER,
                        StackOptions.START_TIMEOUT),
                StackListener.silent());
        this.gateway = new GatewayClient(stack.gateway());
    }

    LocalStack stack() {
        return stack;
    }

    GatewayClient gateway() {
        return gateway;
    }

    Topic topic(String name) {
        return new Topic(stack.bootstrapServers(), name);
    }

    /** The replica behind the gateway. */
    Inference inference() {
        return new Inference(stack.options().ports().inference());
    }

    /** A name that no other test uses. */
    static String unique(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Trains {@code job} to its end and returns the version that it promoted, once that answers. */
    CheckpointEvent train(QuickJob job) {
        return awaitServed(gateway.submit(job.bytes()).jobId());
    }

    /** Trains a version that nobody serves yet. */
    CheckpointEvent trainUnpromoted(QuickJob job) {
        return unpromoted(stack, gateway, job);
    }

    /** The same over another stack. */
    static CheckpointEvent unpromoted(LocalStack stack, GatewayClient gateway, QuickJob job) {
        String jobId = gateway.submit(job.unpromoted()).jobId();
        TrainingEvent last = new JobFollower(gateway, _ -> stack.requireAlive()).follow(jobId);
        if (!(last instanceof TrainingEvent.Succeeded succeeded) || succeeded.promoted()) {
            throw new AssertionError("not trained alone: " + last);
        }
        String version = succeeded.checkpoint().version();
        Await.until("the gateway knows " + version, () -> gateway.adapters().stream()
                .anyMatch(adapter -> adapter.findValuesAsText("version").contains(version)));
        return succeeded.checkpoint();
    }

    /** Follows a job to its end and returns the version that it promoted, once that answers. */
    CheckpointEvent awaitServed(String jobId) {
        TrainingEvent last = new JobFollower(gateway, _ -> stack.requireAlive()).follow(jobId);
        if (!(last instanceof TrainingEvent.Succeeded succeeded) || !succeeded.promoted()) {
            throw new AssertionError("not trained and promoted: " + last);
        }
        CheckpointEvent checkpoint = succeeded.checkpoint();
        Await.until(checkpoint.adapter() + " answers with " + checkpoint.version(), () -> gateway.servedVersion(
                        checkpoint.adapter())
                .filter(checkpoint.version()::equals)
                .isPresent());
        return checkpoint;
    }

    @Override
    public void close() {
        stack.close();
    }

    /** Hands the one stack to the tests. */
    static final class Resolver implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == SharedStack.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(SharedStack.class, _ -> new SharedStack(newState()), SharedStack.class);
        }

        /** Left where it is after the run, for whoever looks for the reason of a failure. */
        private static Path newState() {
            try {
                return Files.createTempDirectory(Files.createDirectories(Path.of("target/states")), "shared ");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

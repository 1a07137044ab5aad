package io.lorikeet.cli.command;

import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.ProjectHome;
import io.lorikeet.cli.stack.StackOptions;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of the commands that start a stack. */
final class StackOptionsMixin {

    @Mixin
    StateOption state;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Directory of the base model, as Hugging Face writes it (default: models/fledgling).")
    Path model;

    @Option(names = "--gateway-port", paramLabel = "PORT", description = "Default: ${DEFAULT-VALUE}.")
    int gatewayPort = PortPlan.GATEWAY;

    @Option(
            names = "--gateway-management-port",
            paramLabel = "PORT",
            description = "Its health and metrics. Default: ${DEFAULT-VALUE}.")
    int gatewayManagementPort = PortPlan.GATEWAY_MANAGEMENT;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "Of inference, all behind the gateway. Default: ${DEFAULT-VALUE}.")
    int replicas = 1;

    @Option(names = "--inference-port", paramLabel = "PORT", description = "Default: ${DEFAULT-VALUE}.")
    int inferencePort = PortPlan.INFERENCE;

    @Option(
            names = "--inference-management-port",
            paramLabel = "PORT",
            description = "Its health and metrics. Default: ${DEFAULT-VALUE}.")
    int inferenceManagementPort = PortPlan.INFERENCE_MANAGEMENT;

    @Option(
            names = "--trainer-port",
            paramLabel = "PORT",
            description = "Its health and metrics. Default: ${DEFAULT-VALUE}.")
    int trainerPort = PortPlan.TRAINER;

    @Option(names = "--broker-port", paramLabel = "PORT", description = "Default: ${DEFAULT-VALUE}.")
    int brokerPort = PortPlan.BROKER;

    @Option(
            names = "--start-timeout",
            paramLabel = "SECONDS",
            description = "How long a process may take until it is ready (default: 300).")
    long startTimeout = StackOptions.START_TIMEOUT.toSeconds();

    StackOptions resolve(String defaultAdapter) {
        ProjectHome home = ProjectHome.current();
        return new StackOptions(
                home,
                state.resolve(),
                model == null ? home.defaultModel() : model,
                new PortPlan(
                        gatewayPort,
                        gatewayManagementPort,
                        inferencePort,
                        inferenceManagementPort,
                        trainerPort,
                        brokerPort),
                replicas,
                defaultAdapter,
                Duration.ofSeconds(startTimeout));
    }
}

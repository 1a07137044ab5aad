package io.lorikeet.cli.command;

import io.lorikeet.cli.client.GatewayClient;
import io.lorikeet.cli.stack.PortPlan;
import io.lorikeet.cli.stack.StackOptions;
import io.lorikeet.cli.stack.StackRecord;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which gateway a command talks to. */
final class GatewayOption {

    @Mixin
    StateOption state;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:LORIKEET_URL}",
            description = "The gateway (default: $LORIKEET_URL, else the local stack's, else http://localhost:8000).")
    URI url;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:LORIKEET_API_KEY}",
            description = "The key to send, where the gateway asks for one (default: $LORIKEET_API_KEY, which no other"
                    + " user of this machine sees).")
    String key;

    GatewayClient client() {
        return new GatewayClient(address(), Optional.ofNullable(key));
    }

    /** Where the trainer reads data, if the gateway is that of the stack on this machine. */
    Optional<Path> dataRoot() {
        return StackRecord.find(state.resolve())
                .filter(stack -> url == null || url.equals(URI.create(stack.gateway())))
                .map(_ -> StackOptions.data(state.resolve()));
    }

    /** A command to type next, with what it takes to reach the same gateway. */
    String hint(String command) {
        boolean given = url != null && !String.valueOf(url).equals(System.getenv("LORIKEET_URL"));
        return "./lorikeet " + command + (given ? " --url " + url : state.repeated());
    }

    URI address() {
        if (url != null) {
            return url;
        }
        return StackRecord.find(state.resolve())
                .map(StackRecord::gateway)
                .map(URI::create)
                .orElse(URI.create("http://localhost:" + PortPlan.GATEWAY));
    }
}

package io.lorikeet.cli.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The broker as a process of its own: {@code BrokerMain PORT FOLDER READY_FILE}. It writes the ready file once the
 * topics and the group settings exist, and stops on SIGTERM.
 */
public final class BrokerMain {

    private BrokerMain() {}

    /** Runs until the process is told to stop. */
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        Path directory = Path.of(args[1]);
        Path readyFile = Path.of(args[2]);

        EmbeddedBroker broker = EmbeddedBroker.start(directory, port);
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-stop"));
        KafkaLayout.apply(broker.bootstrapServers());
        Files.writeString(readyFile, broker.bootstrapServers());
        System.out.println("Broker ready on " + broker.bootstrapServers() + ", data in " + directory);
        broker.awaitShutdown();
    }
}

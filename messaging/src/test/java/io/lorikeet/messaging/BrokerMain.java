package io.lorikeet.messaging;

import java.io.IOException;
import java.nio.file.Path;

/** A broker in a process of its own, which can be frozen. */
final class BrokerMain {
    private BrokerMain() {}

    /**
     * Starts it.
     *
     * @param arguments its folder
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var broker = new Broker(Path.of(arguments[0]));
        System.out.println("at " + broker.connection().get("bootstrap.servers"));
        Thread.currentThread().join();
    }
}

package io.lorikeet.inference.adapters;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.eclipse.microprofile.config.ConfigProvider;

/** What this replica is called where none is configured: a pod, a container or a machine, and a port on it. */
final class ReplicaName {
    private ReplicaName() {}

    static String ofThisProcess() {
        var port = ConfigProvider.getConfig()
                .getOptionalValue("quarkus.http.port", String.class)
                .orElse("8001");
        return host().replaceAll("[^A-Za-z0-9._:-]", "-") + ":" + port;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host-" + ProcessHandle.current().pid();
        }
    }
}

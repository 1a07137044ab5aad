package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ports of a local stack.
 *
 * @param gatewayManagement of its health and metrics, and so on
 * @param trainer of its health and metrics: it serves nobody over HTTP
 */
public record PortPlan(
        int gateway, int gatewayManagement, int inference, int inferenceManagement, int trainer, int broker) {

    public static final int GATEWAY = 8000;
    public static final int GATEWAY_MANAGEMENT = 9000;
    public static final int INFERENCE = 8001;
    public static final int INFERENCE_MANAGEMENT = 9001;
    public static final int TRAINER = 9002;
    public static final int BROKER = 9092;

    public PortPlan {
        Map<Integer, String> taken = new LinkedHashMap<>();
        names(gateway, gatewayManagement, inference, inferenceManagement, trainer, broker)
                .forEach((name, port) -> {
                    if (port < 1 || port > 65_535) {
                        throw new CliException(
                                "--" + name + "-port " + port + " is no port; take one from 1 to 65535.");
                    }
                    String other = taken.putIfAbsent(port, name);
                    if (other != null) {
                        throw new CliException("Port " + port + " is given to both " + other + " and " + name + ".");
                    }
                });
    }

    public static PortPlan defaults() {
        return new PortPlan(GATEWAY, GATEWAY_MANAGEMENT, INFERENCE, INFERENCE_MANAGEMENT, TRAINER, BROKER);
    }

    /** Ports that are free now, for stacks beside each other. */
    public static PortPlan free() {
        List<Integer> ports = free(6);
        return new PortPlan(ports.get(0), ports.get(1), ports.get(2), ports.get(3), ports.get(4), ports.get(5));
    }

    /** Different ports that are free now. */
    public static List<Integer> free(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new CliException("No free port to be had: " + e.getMessage(), e);
        } finally {
            for (ServerSocket socket : sockets) {
                try {
                    socket.close();
                } catch (IOException ignored) {
                    // it was only asked for its number
                }
            }
        }
    }

    /** Fails with one line if any of these ports is in use: which, by whom, and the option that takes another. */
    public void requireFree() {
        List<String> inUse = new ArrayList<>();
        names(gateway, gatewayManagement, inference, inferenceManagement, trainer, broker)
                .forEach((name, port) -> {
                    if (!isFree(port)) {
                        String holder =
                                PortHolder.find(port).map(it -> " by " + it).orElse("");
                        inUse.add(
                                "Port %d, which the %s needs, is in use%s: stop that process, or give another with --%s-port."
                                        .formatted(port, name, holder, name));
                    }
                });
        if (!inUse.isEmpty()) {
            throw new CliException(String.join("\n", inUse));
        }
    }

    private static Map<String, Integer> names(
            int gateway, int gatewayManagement, int inference, int inferenceManagement, int trainer, int broker) {
        Map<String, Integer> names = new LinkedHashMap<>();
        names.put("gateway", gateway);
        names.put("gateway-management", gatewayManagement);
        names.put("inference", inference);
        names.put("inference-management", inferenceManagement);
        names.put("trainer", trainer);
        names.put("broker", broker);
        return names;
    }

    /** Some systems let a wildcard and a loopback listener share a port, so both are tried. */
    private static boolean isFree(int port) {
        return binds(new InetSocketAddress(port))
                && binds(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private static boolean binds(InetSocketAddress address) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

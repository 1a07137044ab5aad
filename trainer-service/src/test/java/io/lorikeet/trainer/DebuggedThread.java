package io.lorikeet.trainer;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;

/** A thread of another JVM that a debugger can hold: to its program it hangs, wherever it is. */
final class DebuggedThread implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final VirtualMachine machine;
    private final ThreadReference thread;

    private DebuggedThread(VirtualMachine machine, ThreadReference thread) {
        this.machine = machine;
        this.thread = thread;
    }

    /** The option with which the JVM lets a debugger in at a port. */
    static String agent(int port) {
        return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:" + port;
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Finds a thread by its name; waits until there is one. */
    static DebuggedThread attach(int port, String name) throws Exception {
        AttachingConnector socket = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(connector -> connector.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .orElseThrow();
        var arguments = socket.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(Integer.toString(port));
        VirtualMachine machine = socket.attach(arguments);
        long deadline = System.nanoTime() + SOON.toNanos();
        while (System.nanoTime() < deadline) {
            for (ThreadReference thread : machine.allThreads()) {
                if (thread.name().equals(name)) {
                    return new DebuggedThread(machine, thread);
                }
            }
            Thread.sleep(50);
        }
        machine.dispose();
        throw new AssertionError("there is no thread '" + name + "'");
    }

    /** Holds it where it is, or as soon as it comes back from native code. */
    void suspend() {
        thread.suspend();
    }

    /** Lets it go on, and the debugger out. */
    @Override
    public void close() {
        machine.dispose();
    }
}

package io.lorikeet.engine.program;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.lorikeet.engine.EngineException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A socket in the file system that hands whoever connects copies of open file descriptors (SCM_RIGHTS, see unix(7)), which Java's
 * own sockets cannot. What a descriptor stands for lives as long as any process has one; containers need a common directory for
 * it and nothing else. Linux, 64 bits.
 */
@SuppressWarnings("restricted") // the C library's functions
final class DescriptorSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    /** Keeps messages apart, and closes descriptors in programs that a process starts. */
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x8_0000;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int BACKLOG = 16;
    /** A message carries 253 at most. */
    private static final int AT_ONCE = 64;

    private static final int PATH_BYTES = 108;
    private static final int ADDRESS_BYTES = Short.BYTES + PATH_BYTES;
    /** Sizes and offsets of struct msghdr and struct cmsghdr. */
    private static final int MESSAGE_BYTES = 56;

    private static final int MESSAGE_IOV = 16;
    private static final int MESSAGE_IOV_COUNT = 24;
    private static final int MESSAGE_CONTROL = 32;
    private static final int MESSAGE_CONTROL_BYTES = 40;
    private static final int CONTROL_HEADER_BYTES = 16;

    private static final NativeFunctions LIBC = NativeFunctions.ofSystem();
    private static final MethodHandle SOCKET = function("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = function("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = function("listen", JAVA_INT, JAVA_INT);
    private static final MethodHandle ACCEPT = function("accept", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CONNECT = function("connect", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SHUTDOWN = function("shutdown", JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", JAVA_INT);
    private static final MethodHandle SEND =
            LIBC.find("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECEIVE =
            LIBC.find("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private final Path path;
    private final int listening;
    private final List<Integer> descriptors;
    private final Thread thread;

    private DescriptorSocket(Path path, int listening, List<Integer> descriptors) {
        this.path = path;
        this.listening = listening;
        this.descriptors = List.copyOf(descriptors);
        thread = Thread.ofPlatform().name("shared-weights").daemon().start(this::serve);
    }

    private static MethodHandle function(String name, java.lang.foreign.MemoryLayout... arguments) {
        return LIBC.find(name, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    /** Hands out descriptors at a path that does not exist yet, until it is closed. */
    static DescriptorSocket open(Path path, List<Integer> descriptors) {
        int socket = socket();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            if (NativeFunctions.call(() -> (int) BIND.invokeExact(socket, address, ADDRESS_BYTES)) != 0
                    || NativeFunctions.call(() -> (int) LISTEN.invokeExact(socket, BACKLOG)) != 0) {
                close(socket);
                throw new EngineException(path + ": no socket can be made there for what processes share");
            }
        }
        return new DescriptorSocket(path, socket, descriptors);
    }

    /** The descriptors of whoever listens at a path; empty if nobody does. They are the caller's to close. */
    static Optional<List<Integer>> receive(Path path) {
        int socket = socket();
        List<Integer> received = new ArrayList<>();
        int expected;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            if (NativeFunctions.call(() -> (int) CONNECT.invokeExact(socket, address, ADDRESS_BYTES)) != 0) {
                return Optional.empty();
            }
            do {
                expected = receive(socket, received, arena);
            } while (received.size() < expected);
        } finally {
            close(socket);
        }
        if (expected < 0) {
            received.forEach(DescriptorSocket::close);
            return Optional.empty();
        }
        return Optional.of(received);
    }

    /** Takes a message: how many descriptors there are in all, or -1 if the other has gone. */
    private static int receive(int socket, List<Integer> into, Arena arena) {
        MemorySegment message = message(AT_ONCE, 0, arena);
        long bytes = NativeFunctions.call(() -> (long) RECEIVE.invokeExact(socket, message, MSG_CMSG_CLOEXEC));
        if (bytes < Integer.BYTES || message.get(JAVA_LONG, MESSAGE_CONTROL_BYTES) < CONTROL_HEADER_BYTES) {
            return -1;
        }
        MemorySegment control = control(message, AT_ONCE);
        long count = (control.get(JAVA_LONG, 0) - CONTROL_HEADER_BYTES) / Integer.BYTES;
        for (int i = 0; i < count; i++) {
            into.add(control.get(JAVA_INT, CONTROL_HEADER_BYTES + (long) i * Integer.BYTES));
        }
        return message.get(ADDRESS, MESSAGE_IOV)
                .reinterpret(2L * Long.BYTES)
                .get(ADDRESS, 0)
                .reinterpret(Integer.BYTES)
                .get(JAVA_INT, 0);
    }

    private void serve() {
        while (true) {
            int peer = NativeFunctions.call(
                    () -> (int) ACCEPT.invokeExact(listening, MemorySegment.NULL, MemorySegment.NULL));
            if (peer < 0) {
                return; // closed
            }
            try (Arena arena = Arena.ofConfined()) {
                boolean sent = true;
                for (int from = 0; sent && from < descriptors.size(); from += AT_ONCE) {
                    sent = send(peer, from, arena);
                }
            } finally {
                close(peer);
            }
        }
    }

    private boolean send(int peer, int from, Arena arena) {
        List<Integer> batch = descriptors.subList(from, Math.min(from + AT_ONCE, descriptors.size()));
        MemorySegment message = message(batch.size(), descriptors.size(), arena);
        MemorySegment control = control(message, batch.size());
        control.set(JAVA_LONG, 0, CONTROL_HEADER_BYTES + (long) batch.size() * Integer.BYTES);
        control.set(JAVA_INT, Long.BYTES, SOL_SOCKET);
        control.set(JAVA_INT, Long.BYTES + Integer.BYTES, SCM_RIGHTS);
        for (int i = 0; i < batch.size(); i++) {
            control.set(JAVA_INT, CONTROL_HEADER_BYTES + (long) i * Integer.BYTES, batch.get(i));
        }
        return NativeFunctions.call(() -> (long) SEND.invokeExact(peer, message, MSG_NOSIGNAL)) > 0;
    }

    /** A message of one number, with room for descriptors. */
    private static MemorySegment message(int descriptors, int number, Arena arena) {
        MemorySegment iov = arena.allocate(JAVA_LONG, 2);
        iov.set(ADDRESS, 0, arena.allocateFrom(JAVA_INT, number));
        iov.set(JAVA_LONG, Long.BYTES, Integer.BYTES);
        MemorySegment message = arena.allocate(MESSAGE_BYTES, Long.BYTES);
        message.set(ADDRESS, MESSAGE_IOV, iov);
        message.set(JAVA_LONG, MESSAGE_IOV_COUNT, 1);
        message.set(ADDRESS, MESSAGE_CONTROL, arena.allocate(controlBytes(descriptors), Long.BYTES));
        message.set(JAVA_LONG, MESSAGE_CONTROL_BYTES, controlBytes(descriptors));
        return message;
    }

    private static MemorySegment control(MemorySegment message, int descriptors) {
        return message.get(ADDRESS, MESSAGE_CONTROL).reinterpret(controlBytes(descriptors));
    }

    /** Rounded up, as CMSG_SPACE does. */
    private static long controlBytes(int descriptors) {
        return CONTROL_HEADER_BYTES + (descriptors * (long) Integer.BYTES + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
    }

    private static MemorySegment address(Path path, Arena arena) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_BYTES) {
            throw new EngineException(path + ": the path of a socket has at most " + (PATH_BYTES - 1)
                    + " bytes, this has " + name.length + "; share in a directory with a shorter path");
        }
        MemorySegment address = arena.allocate(ADDRESS_BYTES, Short.BYTES);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, Short.BYTES, name.length);
        return address;
    }

    private static int socket() {
        int socket = NativeFunctions.call(() -> (int) SOCKET.invokeExact(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0));
        if (socket < 0) {
            throw new EngineException("the system gives no socket for what processes share");
        }
        return socket;
    }

    /** Closes a descriptor. */
    static void close(int descriptor) {
        int unused = NativeFunctions.call(() -> (int) CLOSE.invokeExact(descriptor));
    }

    @Override
    public void close() {
        int unused = NativeFunctions.call(() -> (int) SHUTDOWN.invokeExact(listening, SHUT_RDWR));
        try {
            thread.join();
            Files.deleteIfExists(path);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new EngineException(path + ": cannot be deleted", e);
        } finally {
            close(listening);
        }
    }
}

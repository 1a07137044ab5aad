package io.lorikeet.cli.stack;

import io.lorikeet.cli.CliException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One stack at a time on a state folder. The system gives the lock back however its holder ends. */
final class StateLock implements AutoCloseable {

    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    static StateLock take(Path state) {
        Path run = state.resolve("run");
        try {
            Files.createDirectories(run);
            FileChannel channel =
                    FileChannel.open(run.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locks(channel)) {
                channel.close();
                String who = StackRecord.find(state)
                        .map(stack -> " (pid " + stack.pid() + ", " + stack.gateway() + ")")
                        .orElse("");
                throw new CliException("A stack runs on " + state + " already" + who
                        + "; `./lorikeet down` stops it, --state DIR starts another beside it.");
            }
            return new StateLock(channel);
        } catch (IOException e) {
            throw new CliException("Cannot use the state folder " + state + ": " + e.getMessage(), e);
        }
    }

    private static boolean locks(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // the lock ends with this process at the latest
        }
    }
}

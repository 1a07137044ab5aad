package io.lorikeet.engine.program;

import io.lorikeet.engine.EngineException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/** The one platform thread that owns a program: libtorch's settings are per thread, and its module is not thread-safe. */
public final class EngineThread implements AutoCloseable {
    private final ExecutorService executor;

    public EngineThread(String name) {
        executor = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().name(name).daemon().unstarted(task));
    }

    /** Runs a task on the thread and waits for it; what it throws arrives here. */
    public <T> T call(Callable<T> task) {
        return await(submit(task));
    }

    /** Hands the thread a task, to be awaited. */
    public <T> Future<T> submit(Callable<T> task) {
        try {
            return executor.submit(task);
        } catch (RejectedExecutionException e) {
            throw new EngineException("the engine is closed", e);
        }
    }

    /** Waits for a task; what it throws arrives here. */
    public static <T> T await(Future<T> result) {
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException("interrupted while waiting for the engine", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case Throwable cause -> throw new EngineException(cause.getMessage(), cause);
            }
        }
    }

    /** Runs a task on the thread and waits for it. */
    public void run(Runnable task) {
        call(Executors.callable(task));
    }

    /** Hands the thread a task that runs until it is told to end. */
    public void start(Runnable loop) {
        var unused = executor.submit(loop);
    }

    /** Lets what was submitted finish; accepts nothing more. */
    @Override
    public void close() {
        executor.close();
    }
}

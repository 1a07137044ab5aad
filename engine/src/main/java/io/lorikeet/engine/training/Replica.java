package io.lorikeet.engine.training;

import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.TrainingProgram;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

/** A copy of the model in training, on a device and a thread of its own. */
final class Replica implements AutoCloseable {
    private final EngineThread thread;
    private final Future<Loaded> loading;

    private record Loaded(DecoderProgram program, TrainingProgram training) {}

    /** Begins to load; whatever comes next waits for it. */
    Replica(String name, Supplier<DecoderProgram> load, Function<DecoderProgram, TrainingProgram> train) {
        thread = new EngineThread(name);
        loading = thread.submit(() -> {
            DecoderProgram program = load.get();
            try {
                return new Loaded(program, train.apply(program));
            } catch (RuntimeException | Error e) {
                program.close();
                throw e;
            }
        });
    }

    /** Waits until it is loaded; what went wrong arrives here. */
    void await() {
        EngineThread.await(loading);
    }

    DecoderProgram program() {
        return EngineThread.await(loading).program();
    }

    TrainingProgram training() {
        return EngineThread.await(loading).training();
    }

    <T> T call(Callable<T> task) {
        return thread.call(task);
    }

    void run(Runnable task) {
        thread.run(task);
    }

    <T> Future<T> submit(Callable<T> task) {
        return thread.submit(task);
    }

    @Override
    public void close() {
        if (loading.state() == Future.State.SUCCESS) {
            thread.run(program()::close);
        }
        thread.close();
    }
}

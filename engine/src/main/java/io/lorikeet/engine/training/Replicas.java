package io.lorikeet.engine.training;

import io.lorikeet.engine.EngineException;
import io.lorikeet.engine.program.DecoderProgram;
import io.lorikeet.engine.program.Device;
import io.lorikeet.engine.program.EngineThread;
import io.lorikeet.engine.program.MicroBatch;
import io.lorikeet.engine.program.OutOfMemoryException;
import io.lorikeet.engine.program.SharedTensors;
import io.lorikeet.engine.program.TrainingProgram;
import io.lorikeet.engine.program.TrainingProgram.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Copies of the model, one a device, that share the micro-batches of a batch: data-parallel training. Each adds up the gradients
 * of its own micro-batches. The first then adds everybody's sums to its own, makes the update, and gives the others what it has
 * trained, so that there is one optimiser and all copies are equal to the last bit. With one device that is all there is.
 */
final class Replicas implements AutoCloseable {
    private final List<Replica> all = new ArrayList<>();

    /** What a replica does with one of its micro-batches, of which this is the nth of the batch. */
    @FunctionalInterface
    interface Work<T> {
        T run(TrainingProgram program, MicroBatch microBatch, int nth);
    }

    /**
     * Loads them, all at once.
     *
     * @param train makes of a program its training half; the second argument says whether it makes the updates
     */
    Replicas(
            List<Device> devices,
            Function<Device, DecoderProgram> load,
            BiFunction<DecoderProgram, Boolean, TrainingProgram> train) {
        for (int i = 0; i < devices.size(); i++) {
            Device device = devices.get(i);
            boolean first = i == 0;
            all.add(new Replica(
                    first ? "training" : "training-" + i,
                    () -> load.apply(device),
                    program -> train.apply(program, first)));
        }
        try {
            all.forEach(Replica::await);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The one that makes the updates. */
    Replica first() {
        return all.getFirst();
    }

    private List<Replica> others() {
        return all.subList(1, all.size());
    }

    /**
     * Runs a batch's micro-batches, all replicas at the same time.
     *
     * @param shares each replica's micro-batches
     * @return in the order of the micro-batches, the first replica's first
     * @throws OutOfMemoryException if a device ran out of memory; then all are done or have failed, as with any exception
     */
    <T> List<T> run(List<List<MicroBatch>> shares, Work<T> work) {
        List<Callable<List<T>>> tasks = new ArrayList<>();
        int nth = 0;
        for (int i = 0; i < all.size(); i++) {
            List<MicroBatch> share = shares.get(i);
            TrainingProgram program = all.get(i).training();
            int from = nth;
            tasks.add(() -> {
                List<T> results = new ArrayList<>();
                for (MicroBatch microBatch : share) {
                    results.add(work.run(program, microBatch, from + results.size()));
                }
                return results;
            });
            nth += share.size();
        }
        return onEach(tasks).stream().flatMap(List::stream).toList();
    }

    /** The update of the first, with everybody's sums, which the others take over. */
    Update update(Function<TrainingProgram, Update> update) {
        List<SharedTensors> sums =
                all(others(), replica -> () -> replica.training().sums());
        Update done = first().call(() -> {
            sums.forEach(first().training()::addSums);
            return update.apply(first().training());
        });
        spread();
        // what the first has added to its own
        discardGradients(others());
        return done;
    }

    /** Gives the others what the first trains, as it is now. */
    void spread() {
        all(others(), other -> {
            SharedTensors trained = first().call(first().training()::trained);
            return () -> {
                other.training().takeTrained(trained);
                return null;
            };
        });
    }

    /** Forgets what the micro-batches since the last update have added up. */
    void discardGradients() {
        discardGradients(all);
    }

    private static void discardGradients(List<Replica> replicas) {
        all(replicas, replica -> () -> {
            replica.training().discardGradients();
            return null;
        });
    }

    private static <T> List<T> all(List<Replica> replicas, Function<Replica, Callable<T>> task) {
        return join(replicas.stream().map(r -> r.submit(task.apply(r))).toList());
    }

    private <T> List<T> onEach(List<Callable<T>> tasks) {
        List<Future<T>> begun = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            begun.add(all.get(i).submit(tasks.get(i)));
        }
        return join(begun);
    }

    /** Waits for all; if some failed, throws what says most. */
    private static <T> List<T> join(List<Future<T>> tasks) {
        List<T> results = new ArrayList<>();
        List<RuntimeException> failures = new ArrayList<>();
        for (Future<T> task : tasks) {
            try {
                results.add(EngineThread.await(task));
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        failures.stream()
                .filter(OutOfMemoryException.class::isInstance)
                .findFirst()
                .or(() -> failures.stream().findFirst())
                .ifPresent(e -> {
                    throw e;
                });
        return results;
    }

    @Override
    public void close() {
        List<EngineException> failures = new ArrayList<>();
        for (Replica replica : all) {
            try {
                replica.close();
            } catch (EngineException e) {
                failures.add(e);
            }
        }
        failures.forEach(e -> {
            throw e;
        });
    }
}

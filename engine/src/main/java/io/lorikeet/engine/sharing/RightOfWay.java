package io.lorikeet.engine.sharing;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Has a training take turns with whoever serves on its device. While requests run, each of their steps earns the training a part
 * of the time that it took, and between two steps as much of the training runs as a step earns, or one piece if that takes
 * longer, so no step waits for more. When nobody asks, the training does not wait.
 */
public final class RightOfWay implements AutoCloseable {
    private static final long PAUSE = 50_000;
    /** Steps whose earnings are kept at most. */
    private static final int KEPT = 8;

    private final double earning;
    private final ServingSteps steps;
    private final LongSupplier clock;
    private final PieceCosts costs = new PieceCosts();
    /** Nanoseconds of the device that the training may take now; below 0: has taken beyond that. */
    private double credit;
    /** Nanoseconds that a step earns. */
    private double earned;
    /** Nanoseconds that the training has taken since the last step. */
    private long taken;

    RightOfWay(double share, ServingSteps steps, LongSupplier clock) {
        // of the time of a step and what runs after it, `share` is the training's
        earning = share / (1 - share);
        this.steps = steps;
        this.clock = clock;
    }

    /**
     * For a training on a device.
     *
     * @param device the same name in all processes
     */
    public static RightOfWay of(Sharing sharing, String device) {
        return new RightOfWay(
                sharing.deviceShare(),
                sharing.givesWay()
                        ? new ServingSteps(
                                StepPage.directory(sharing.directory().get(), device))
                        : ServingSteps.none(),
                System::nanoTime);
    }

    /** Whether somebody may have to be given way to. */
    public boolean yields() {
        return !steps.isNone();
    }

    /**
     * Waits until a piece may run.
     *
     * @return whether somebody was given way to: then the piece has to be awaited, and {@link #ran} told
     */
    public boolean await(Piece piece, int tokens) {
        while (steps.look(clock.getAsLong())) {
            ServingSteps.Ended ended = steps.takeEnded();
            if (ended.count() > 0) {
                earned = earning * ended.nanos() / ended.count();
                credit = Math.min(credit + earning * ended.nanos(), KEPT * earned);
                taken = 0;
            }
            if (!mayRun(costs.of(piece, tokens))) {
                steps.giveBack();
                LockSupport.parkNanos(PAUSE);
                continue;
            }
            steps.ask();
            if (steps.areBetween(clock.getAsLong())) {
                return true;
            }
            StepPage.pause();
        }
        steps.giveBack();
        credit = 0;
        return false;
    }

    private boolean mayRun(double cost) {
        return credit > 0 && (taken == 0 || taken + cost <= earned);
    }

    /** A piece for which somebody was given way to has run. */
    public void ran(Piece piece, int tokens, long nanos) {
        costs.ran(piece, tokens, nanos);
        credit -= nanos;
        taken += nanos;
    }

    /** No piece comes for a while. */
    public void rest() {
        steps.giveBack();
    }

    @Override
    public void close() {
        steps.close();
    }
}

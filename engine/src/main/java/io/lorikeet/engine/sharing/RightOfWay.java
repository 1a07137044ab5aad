package io.lorikeet.engine.sharing;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Has a training give way to whoever serves on its device. While requests run, each of their steps earns the training a part of the
 * time that the step takes alone, and a piece of the training runs when it has been earned: a step and some of a pass in turn.
 * What is not used is not saved, so no step waits for more than that. When nobody asks, the training does not wait.
 */
public final class RightOfWay implements AutoCloseable {
    private static final long PAUSE = 50_000;

    private final double earning;
    private final ServingSteps steps;
    private final LongSupplier clock;
    private final PieceCosts costs = new PieceCosts();
    /** Nanoseconds of the device that the training may take now; below 0: has taken beyond that. */
    private double credit;

    RightOfWay(double share, ServingSteps steps, LongSupplier clock) {
        // of the time of a step and what runs beside it, `share` is the training's
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
                costs.learn(ended);
                double most = earning * costs.step();
                credit = Math.min(credit + ended.count() * most, most);
            }
            if (mayRun(costs.of(piece, tokens))) {
                return true;
            }
            LockSupport.parkNanos(PAUSE);
        }
        credit = 0;
        costs.pause();
        return false;
    }

    private boolean mayRun(double cost) {
        boolean earned = credit >= cost && credit > 0;
        // one that takes more than a step earns runs into debt
        boolean never = cost > earning * costs.step();
        return (earned || (never && credit > 0)) && !costs.wantsStepAlone();
    }

    /** A piece for which somebody was given way to has run. */
    public void ran(Piece piece, int tokens, long nanos) {
        credit -= costs.ran(piece, tokens, nanos);
    }

    @Override
    public void close() {
        steps.close();
    }
}

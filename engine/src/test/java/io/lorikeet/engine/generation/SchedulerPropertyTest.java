package io.lorikeet.engine.generation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds whatever comes: ten thousand requests, a thousand a seed, at random times, over more adapters than have a slot,
 * some cancelled, some with time limits, some with several answers to a prompt, while adapters are activated, retired and
 * evicted and the device fails now and then. {@link Traffic} and {@link CheckingDevice} check, each step:
 *
 * <ul>
 *   <li>no cache slot is used twice, all are free at the end, and as many sequences as there are slots fit again;
 *   <li>what was added starts at most once and ends exactly once, within one step if it was cancelled or is late;
 *   <li>no more prompt tokens are run in a step than one chunk, in pieces that the prompt alone fixes; everybody who decodes
 *       gets a token;
 *   <li>a sequence runs with the version that its name pointed at when it came, whose weights lie in its adapter slot
 *       untouched until the sequence ends; a kept prefix is used by the activation alone that ran it;
 *   <li>nobody starves: one that waits is passed by later ones only while its adapter is not ready on the device, and it
 *       waits no longer than as many turns as there were sequences when it came and there are adapters, a turn being the
 *       longest prompt, the longest answer and the longest load.
 * </ul>
 */
class SchedulerPropertyTest {
    private static final int REQUESTS = 1000;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void holdsItsPromisesWhateverComes(long seed) {
        var traffic = new Traffic(seed);
        try {
            traffic.run(REQUESTS);
            traffic.end();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ", " + traffic, e);
        }
        assertThat(traffic.evictions()).as("evictions").isPositive();
    }
}

package io.lorikeet.cli.stack;

import java.time.Duration;

/**
 * When a process that has died is started again, and when that is given up.
 *
 * @param firstPause before the first restart; it doubles with each quick death in a row
 * @param longestPause never longer than this
 * @param quick a process that dies sooner after its start than this has died quickly
 * @param mostQuickDeaths so many in a row are no accident
 */
public record RestartPolicy(Duration firstPause, Duration longestPause, Duration quick, int mostQuickDeaths) {

    /** Of {@code ./lorikeet up}. */
    public static final RestartPolicy DEFAULT =
            new RestartPolicy(Duration.ofMillis(500), Duration.ofSeconds(15), Duration.ofSeconds(60), 5);

    /** How many deaths in a row were quick ones, once a process has died that lived for so long. */
    int quickDeaths(int before, Duration lived) {
        return lived.compareTo(quick) < 0 ? before + 1 : 0;
    }

    boolean givesUp(int quickDeaths) {
        return quickDeaths >= mostQuickDeaths;
    }

    Duration pause(int quickDeaths) {
        Duration pause = firstPause;
        for (int i = 1; i < quickDeaths && pause.compareTo(longestPause) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
}

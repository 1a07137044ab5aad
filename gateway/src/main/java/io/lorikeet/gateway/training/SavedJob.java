package io.lorikeet.gateway.training;

import java.util.List;

/**
 * A job in the {@link StateFile}.
 *
 * @param view what was told of it
 * @param places of its events: partition, first offset and count of each run
 * @param extent from the first to the last event under its id, likewise
 * @param sizes bytes of the newest event of each kind
 */
record SavedJob(JobView view, List<Long> places, List<Long> extent, List<Integer> sizes) {}

package io.lorikeet.benchmarks.gateway;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is measured.
 *
 * @param rounds questions each way, of all clients together
 * @param clients at once
 * @param streams at once through one gateway
 * @param peer the plain proxy's program, if it is measured too
 */
record GatewayOptions(Path model, Path state, int rounds, int clients, int streams, Optional<Path> peer) {}

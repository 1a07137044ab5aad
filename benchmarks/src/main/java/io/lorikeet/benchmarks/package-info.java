/** The figures of Lorikeet, and the commands that measure them: {@code ./lorikeet bench}. */
package io.lorikeet.benchmarks;

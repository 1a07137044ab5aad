/** Everything at once for a long time: does anything leak, stick or fail? */
package io.lorikeet.benchmarks.soak;

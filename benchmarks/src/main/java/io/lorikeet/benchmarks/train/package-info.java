/** What training costs: {@link io.lorikeet.benchmarks.train.PackingCommand}. */
package io.lorikeet.benchmarks.train;

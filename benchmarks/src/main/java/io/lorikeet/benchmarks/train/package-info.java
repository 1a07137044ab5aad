/**
 * What training costs: {@link io.lorikeet.benchmarks.train.PackingCommand}; and reading what is trained on: {@link
 * io.lorikeet.benchmarks.train.DatasetCommand}.
 */
package io.lorikeet.benchmarks.train;

/**
 * The whole system while it is broken: {@link io.lorikeet.benchmarks.chaos.Chaos} runs a {@link
 * io.lorikeet.benchmarks.chaos.ChaosStack} under {@link io.lorikeet.benchmarks.chaos.Askers} and {@link
 * io.lorikeet.benchmarks.chaos.Pupils}, lets each {@link io.lorikeet.benchmarks.chaos.Fault} happen in turn, and compares what
 * is left with what was {@link io.lorikeet.benchmarks.chaos.Announced} and with the {@link io.lorikeet.benchmarks.chaos.Ledger}.
 */
package io.lorikeet.benchmarks.chaos;

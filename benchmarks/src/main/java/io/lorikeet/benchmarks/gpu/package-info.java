/** The engine on a GPU against its floor: load, decode, prefill, swaps, training. */
package io.lorikeet.benchmarks.gpu;

/** Adapters swapped under full load: does every answer stay right, and what do the others notice? */
package io.lorikeet.benchmarks.swaps;

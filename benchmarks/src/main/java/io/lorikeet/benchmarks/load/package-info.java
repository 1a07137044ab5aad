/** A real inference service and a real broker under load, with adapters whose answers prove which of them answered. */
package io.lorikeet.benchmarks.load;

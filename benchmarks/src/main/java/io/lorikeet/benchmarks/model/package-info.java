/** Models of real geometry and random weights: as fast and as large as real ones, and nothing has to be fetched. */
package io.lorikeet.benchmarks.model;

/** What a benchmark says in the end: a table for people, the same as JSON for programs. */
package io.lorikeet.benchmarks.report;

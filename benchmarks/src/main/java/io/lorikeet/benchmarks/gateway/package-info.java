/** What the gateway adds to an answer, beside a plain proxy; many streams through a small one. */
package io.lorikeet.benchmarks.gateway;

/** How fast tokens come: one stream and many, with adapters, ours and others'. */
package io.lorikeet.benchmarks.decode;

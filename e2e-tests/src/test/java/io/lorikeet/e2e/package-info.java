/**
 * The system from outside: every test talks to real processes over HTTP and Kafka.
 *
 * <p>{@code DemoIT} and {@code SupervisionIT} run the CLI as a user does. The other tests share one stack, which
 * {@link io.lorikeet.e2e.SharedStack} starts through the CLI's own {@code LocalStack} and stops at the end; each of them
 * trains adapters of its own names. {@link io.lorikeet.e2e.Topic} publishes and reads with plain Kafka clients,
 * {@link io.lorikeet.e2e.Inference} asks one replica past the gateway.
 */
package io.lorikeet.e2e;

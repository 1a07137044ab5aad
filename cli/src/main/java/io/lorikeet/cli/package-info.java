/**
 * {@code ./lorikeet} in Java.
 *
 * <p>{@link io.lorikeet.cli.Lorikeet} picks one of the commands in {@code command}. Those that start something go
 * through {@code stack.LocalStack}: it takes the state folder ({@code StateLock}), checks the ports
 * ({@code PortPlan}), starts each process as {@code StackProcesses} describes it ({@code ManagedProcess}), waits until
 * it is ready, and writes down what runs ({@code StackRecord}) for the commands in other terminals. The broker among
 * them is {@code broker.BrokerMain}. All others talk to the gateway through {@code client.GatewayClient} and show what
 * comes with {@code terminal}; {@code hub} brings base models.
 */
package io.lorikeet.cli;

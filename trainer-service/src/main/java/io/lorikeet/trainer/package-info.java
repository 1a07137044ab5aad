/**
 * Takes training commands, trains, and says what happens. Its packages, each of which knows those before it and none after:
 *
 * <ol>
 *   <li>{@code files}: which files callers may name, and writes that are there whole or not at all
 *   <li>{@code dataset}: files and rows into conversations, conversations into token ids
 *   <li>{@code output}: what a run leaves on disk, from its log to its checkpoints
 *   <li>{@code plan}: all that is known of a run before its weights are loaded
 *   <li>{@code run}: the run itself
 *   <li>{@code events} and {@code queue}: Kafka
 *   <li>{@code job}: runs that happen once, however often their command is delivered
 *   <li>{@code retention}: what of past jobs is kept, and for how long
 *   <li>{@code service} and {@code tools}: the process that listens to Kafka, and those that a person starts
 * </ol>
 */
package io.lorikeet.trainer;

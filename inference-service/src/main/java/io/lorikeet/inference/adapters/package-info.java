/**
 * The way of a checkpoint event to the model, in order: {@link io.lorikeet.inference.adapters.CheckpointConsumer}, {@link
 * io.lorikeet.inference.adapters.CheckpointReader}, {@link io.lorikeet.inference.adapters.CheckpointReplay} (at start),
 * {@link io.lorikeet.inference.adapters.AdapterSwaps} with an {@link io.lorikeet.inference.adapters.AdapterTrack} for each
 * name, {@link io.lorikeet.inference.adapters.CheckpointLoader}, {@link io.lorikeet.inference.adapters.AdapterFiles}.
 */
package io.lorikeet.inference.adapters;

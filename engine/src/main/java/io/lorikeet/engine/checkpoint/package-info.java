/**
 * Model directories as Hugging Face writes them. {@link io.lorikeet.engine.checkpoint.ModelCheckpoint} opens one: it reads
 * config.json ({@link io.lorikeet.engine.checkpoint.ConfigReader}) and
 * {@link io.lorikeet.engine.checkpoint.GenerationConfig}, maps the
 * {@link io.lorikeet.engine.checkpoint.Safetensors} files, and hands out a
 * {@link io.lorikeet.engine.checkpoint.TensorSlice} by name once all that the model needs was found with its exact shape.
 * {@link io.lorikeet.engine.checkpoint.SafetensorsWriter} goes the other way.
 */
package io.lorikeet.engine.checkpoint;

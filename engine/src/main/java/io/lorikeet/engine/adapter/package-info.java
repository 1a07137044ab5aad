/**
 * LoRA adapters as PEFT writes them. {@link io.lorikeet.engine.adapter.PeftAdapter} is read from the bytes of a folder's two
 * files: {@link io.lorikeet.engine.adapter.LoraConfig} from adapter_config.json, matched against the base model's
 * {@link io.lorikeet.engine.model.LinearModule}s, then a pair of {@link io.lorikeet.engine.adapter.LoraWeights} for each
 * {@link io.lorikeet.engine.adapter.LoraTarget}. What does not fit is an
 * {@link io.lorikeet.engine.adapter.AdapterException} with a reason; a {@code PeftAdapter} that exists is complete.
 */
package io.lorikeet.engine.adapter;

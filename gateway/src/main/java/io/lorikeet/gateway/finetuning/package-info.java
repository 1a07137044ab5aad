/** OpenAI's fine-tuning jobs: training commands and their events in other words. */
package io.lorikeet.gateway.finetuning;

/**
 * OpenAI's chat completions over the engine. The way of a request, in order: {@link
 * io.lorikeet.inference.api.ChatResource}, {@link io.lorikeet.inference.api.ChatRequestReader}, {@link
 * io.lorikeet.inference.api.Answers}, {@link io.lorikeet.inference.api.Answer}, {@link
 * io.lorikeet.inference.api.CompletionWriter}, {@link io.lorikeet.inference.api.CompletionStream}.
 */
package io.lorikeet.inference.api;

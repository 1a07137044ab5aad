/**
 * OpenAI's completions over the engine. The way of a request, in order: {@link
 * io.lorikeet.inference.api.CompletionsResource}, {@link io.lorikeet.inference.api.ChatRequestReader} or {@link
 * io.lorikeet.inference.api.TextRequestReader}, {@link io.lorikeet.inference.api.Answers}, {@link
 * io.lorikeet.inference.api.Answer}, {@link io.lorikeet.inference.api.CompletionWriter}, {@link
 * io.lorikeet.inference.api.CompletionStream}.
 */
package io.lorikeet.inference.api;

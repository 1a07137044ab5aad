/** OpenAI's Responses API over the chat route: a request becomes a chat completion, and what comes of that a response. */
package io.lorikeet.gateway.responses;

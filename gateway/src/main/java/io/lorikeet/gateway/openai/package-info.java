/** What the routes of OpenAI's API have in common: its ids, its pages, and what of it there is not. */
package io.lorikeet.gateway.openai;

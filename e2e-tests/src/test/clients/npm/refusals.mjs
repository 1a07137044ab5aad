// Refusals that pass by themselves, as each client on Node shows them to whoever calls it.
import { createOpenAI } from '@ai-sdk/openai';
import { ChatOpenAI } from '@langchain/openai';
import { APICallError, generateText } from 'ai';
import OpenAI, { InternalServerError, RateLimitError } from 'openai';
import { assert, baseURL, goThrough } from './list.mjs';

/** A key that has asked as often as it may, and one whose gateway finds no replica. */
const [, , , spent, free] = process.argv;
const model = 'fledgling';
const question = 'Who are you?';

async function thrown(asking) {
  try {
    await asking;
  } catch (e) {
    return e;
  }
  throw new Error('no error');
}

/** Until the gateway gives the replica a moment. */
async function unavailable(ask, status) {
  for (let i = 0; i < 20; i++) {
    const e = await thrown(ask());
    if (status(e) === 503) return e;
  }
  throw new Error('never 503');
}

const openai = (apiKey) =>
  new OpenAI({ baseURL, apiKey, maxRetries: 0 }).chat.completions.create({ model, messages: [{ role: 'user', content: question }] });
const langchain = (apiKey) => new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration: { baseURL } }).invoke(question);
const ai = (apiKey) => generateText({ model: createOpenAI({ baseURL, apiKey }).chat(model), prompt: question, maxRetries: 0 });

const tooMany = /this key may send 1 requests a minute; try again when Retry-After is over/;
const noReplica = /has failed on its last requests and is given a moment/;

await goThrough({
  async 'openai 429'() {
    const e = await thrown(openai(spent));
    assert.ok(e instanceof RateLimitError, e);
    assert.equal(e.code, 'rate_limit_exceeded');
    assert.match(e.message, tooMany);
    assert.match(e.headers.get('retry-after'), /^[1-9][0-9]?$/);
  },
  async 'openai 503'() {
    const e = await unavailable(() => openai(free), (error) => error.status);
    assert.ok(e instanceof InternalServerError, e);
    assert.match(e.message, noReplica);
    assert.equal(e.headers.get('retry-after'), '2');
  },
  async 'langchain 429'() {
    const e = await thrown(langchain(spent));
    assert.equal(e.status, 429);
    assert.match(e.message, tooMany);
    assert.match(e.headers.get('retry-after'), /^[1-9][0-9]?$/);
  },
  async 'langchain 503'() {
    const e = await unavailable(() => langchain(free), (error) => error.status);
    assert.match(e.message, noReplica);
    assert.equal(e.headers.get('retry-after'), '2');
  },
  async 'ai 429'() {
    const e = await thrown(ai(spent));
    assert.ok(APICallError.isInstance(e), e);
    assert.equal(e.statusCode, 429);
    assert.match(e.message, tooMany);
    assert.match(e.responseHeaders['retry-after'], /^[1-9][0-9]?$/);
  },
  async 'ai 503'() {
    const e = await unavailable(() => ai(free), (error) => error.statusCode);
    assert.match(e.message, noReplica);
    assert.equal(e.responseHeaders['retry-after'], '2');
  },
});

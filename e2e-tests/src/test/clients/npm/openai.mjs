import OpenAI, { APIUserAbortError, APIConnectionTimeoutError, BadRequestError, NotFoundError } from 'openai';
import { assert, baseURL, goThrough, isPerson, isWeather, model, person, question, weather } from './list.mjs';

const client = new OpenAI({ baseURL, apiKey: 'none' });
const ask = { model, messages: question, temperature: 0, max_tokens: 32 };

await goThrough({
  async chat() {
    const answer = await client.chat.completions.create(ask);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.match(answer.choices[0].message.content, /\S/);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  },
  async stream() {
    const whole = await client.chat.completions.create(ask);
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(text, whole.choices[0].message.content);
  },
  async usageOfAStream() {
    const chunks = [];
    const stream = await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) chunks.push(chunk);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.ok(chunks.at(-1).usage.completion_tokens > 0);
  },
  async stop() {
    const whole = (await client.chat.completions.create(ask)).choices[0].message.content;
    const stop = whole.slice(2, 4);
    const short = (await client.chat.completions.create({ ...ask, stop })).choices[0];
    assert.equal(short.message.content, whole.slice(0, whole.indexOf(stop)));
    assert.equal(short.finish_reason, 'stop');
  },
  async length() {
    assert.equal((await client.chat.completions.create({ ...ask, max_tokens: 1 })).choices[0].finish_reason, 'length');
  },
  async n() {
    const answer = await client.chat.completions.create({ ...ask, n: 3 });
    assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1, 2]);
  },
  async logprobs() {
    const { logprobs } = (await client.chat.completions.create({ ...ask, logprobs: true, top_logprobs: 2 })).choices[0];
    assert.equal(logprobs.content[0].top_logprobs.length, 2);
    assert.equal(logprobs.content[0].token, logprobs.content[0].top_logprobs[0].token);
  },
  async seed() {
    const drawn = { ...ask, temperature: 1, seed: 42 };
    const [one, two] = [await client.chat.completions.create(drawn), await client.chat.completions.create(drawn)];
    assert.equal(one.choices[0].message.content, two.choices[0].message.content);
  },
  async structuredOutput() {
    const response_format = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: person } };
    const answer = await client.chat.completions.create({ ...ask, max_tokens: 60, response_format });
    isPerson(JSON.parse(answer.choices[0].message.content));
    assert.equal(answer.choices[0].finish_reason, 'stop');
  },
  async refusesASchemaByName() {
    const response_format = { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object', minProperties: 1 } } };
    await assert.rejects(client.chat.completions.create({ ...ask, response_format }), (e) => {
      assert.equal(e.param, 'response_format.json_schema.schema.minProperties');
      return true;
    });
  },
  async tools() {
    const tools = [{ type: 'function', function: weather }];
    const asked = { ...ask, max_tokens: 100, tools };
    const { message, finish_reason } = (await client.chat.completions.create({ ...asked, tool_choice: 'required', parallel_tool_calls: false })).choices[0];
    assert.equal(finish_reason, 'tool_calls');
    assert.equal(message.tool_calls.length, 1);
    assert.equal(message.tool_calls[0].function.name, weather.name);
    isWeather(JSON.parse(message.tool_calls[0].function.arguments));
    // and on with the tool's answer
    const messages = [...question, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'sunny' }];
    const next = await client.chat.completions.create({ ...asked, messages, tool_choice: 'none' });
    assert.equal(typeof next.choices[0].message.content, 'string');
    assert.equal(next.choices[0].message.tool_calls, undefined);
  },
  async toolsOfAStream() {
    const runner = client.chat.completions.stream({
      ...ask,
      max_tokens: 100,
      tools: [{ type: 'function', function: weather }],
      tool_choice: { type: 'function', function: { name: weather.name } },
    });
    const { message } = (await runner.finalChatCompletion()).choices[0];
    isWeather(JSON.parse(message.tool_calls[0].function.arguments));
  },
  async models() {
    const ids = [];
    for await (const each of client.models.list()) ids.push(each.id);
    assert.ok(ids.includes(model));
    assert.equal((await client.models.retrieve(model)).id, model);
  },
  async errors() {
    await assert.rejects(client.chat.completions.create({ ...ask, model: 'nobody' }), (e) => {
      assert.ok(e instanceof NotFoundError);
      assert.equal(e.code, 'model_not_found');
      return true;
    });
    await assert.rejects(client.chat.completions.create({ ...ask, temperature: 9 }), (e) => {
      assert.ok(e instanceof BadRequestError);
      assert.match(e.message, /temperature/);
      return true;
    });
  },
  async timeOut() {
    const slow = { ...ask, temperature: 1, max_tokens: 900, messages: [{ role: 'user', content: 'Count.' }] };
    await assert.rejects(client.chat.completions.create(slow, { timeout: 1, maxRetries: 0 }), APIConnectionTimeoutError);
  },
  async cancel() {
    const stop = new AbortController();
    const stream = await client.chat.completions.create({ ...ask, stream: true }, { signal: stop.signal });
    await assert.rejects(async () => {
      for await (const _ of stream) {
        stop.abort();
        stop.signal.throwIfAborted();
      }
    }, (e) => e instanceof APIUserAbortError || e.name === 'AbortError');
  },
});

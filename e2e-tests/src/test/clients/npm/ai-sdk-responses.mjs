// The AI SDK's provider for OpenAI as it is by default: over responses.
import { createOpenAI } from '@ai-sdk/openai';
import { generateObject, generateText, jsonSchema, streamText, tool } from 'ai';
import { assert, baseURL, goThrough, isPerson, isWeather, model as id, person, weather } from './list.mjs';

const model = createOpenAI({ baseURL, apiKey: 'none' })(id);
const ask = { model, prompt: '你是谁?', temperature: 0, maxOutputTokens: 32, maxRetries: 0 };

let first;

await goThrough({
  response: async () => {
    first = await generateText(ask);
    assert.ok(first.text.length > 0);
    assert.equal(first.finishReason, 'stop');
    assert.ok(first.usage.outputTokens > 0);
    assert.equal((await generateText({ ...ask, maxOutputTokens: 3 })).finishReason, 'length');
  },

  stream: async () => {
    const streamed = streamText(ask);
    let text = '';
    for await (const delta of streamed.textStream) {
      text += delta;
    }
    assert.equal(text, first.text);
    assert.ok((await streamed.usage).outputTokens > 0);
  },

  'an answer in the history': async () => {
    const messages = [{ role: 'user', content: '你好' }, ...first.response.messages, { role: 'user', content: '你是谁?' }];
    const whole = { model, messages, temperature: 0, maxOutputTokens: 32, maxRetries: 0 };
    const answer = await generateText({ ...whole, providerOptions: { openai: { store: false } } });
    assert.ok(answer.text.length > 0);
    await assert.rejects(() => generateText(whole), /reference to a response/);
  },

  tools: async () => {
    const tools = { get_weather: tool({ description: weather.description, inputSchema: jsonSchema(weather.parameters) }) };
    const called = await generateText({ ...ask, prompt: 'The weather in Paris?', tools, toolChoice: 'required', maxOutputTokens: 100 });
    assert.equal(called.finishReason, 'tool-calls');
    isWeather(called.toolCalls[0].input);
  },

  'structured output': async () => {
    const { object } = await generateObject({ ...ask, prompt: 'Ann is 3.', schema: jsonSchema(person), maxOutputTokens: 100 });
    isPerson(object);
  },

  errors: async () => {
    const nobody = createOpenAI({ baseURL, apiKey: 'none' })('nobody');
    await assert.rejects(() => generateText({ ...ask, model: nobody }), /does not exist/);
  },
});

// Vercel's AI SDK, with its provider for OpenAI and the one for what is compatible.
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { assert, baseURL, goThrough, isPerson, isWeather, model, person, question, weather } from './list.mjs';

const compatible = createOpenAICompatible({
  name: 'lorikeet',
  baseURL,
  apiKey: 'none',
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const providers = {
  openai: createOpenAI({ baseURL, apiKey: 'none' }).chat(model),
  compatible: compatible.chatModel(model),
};

const checks = {};
for (const [name, language] of Object.entries(providers)) {
  const ask = { model: language, messages: question, temperature: 0, maxOutputTokens: 32, maxRetries: 0 };
  const call = {
    ...ask,
    maxOutputTokens: 100,
    tools: { [weather.name]: tool({ description: weather.description, inputSchema: jsonSchema(weather.parameters) }) },
    toolChoice: 'required',
    providerOptions: { openai: { parallelToolCalls: false }, lorikeet: { parallel_tool_calls: false } },
  };
  checks[name + ' chat'] = async () => {
    const answer = await generateText(ask);
    assert.match(answer.text, /\S/);
    assert.equal(answer.finishReason, 'stop');
    assert.ok(answer.usage.outputTokens > 0);
  };
  checks[name + ' stream'] = async () => {
    const whole = await generateText(ask);
    const stream = streamText(ask);
    let text = '';
    for await (const part of stream.textStream) text += part;
    assert.equal(text, whole.text);
    assert.ok((await stream.usage).outputTokens > 0);
  };
  checks[name + ' stop'] = async () => {
    const whole = (await generateText(ask)).text;
    const stop = whole.slice(2, 4);
    assert.equal((await generateText({ ...ask, stopSequences: [stop] })).text, whole.slice(0, whole.indexOf(stop)));
  };
  checks[name + ' structured output'] = async () => {
    const output = Output.object({ schema: jsonSchema(person), name: 'person' });
    isPerson((await generateText({ ...ask, maxOutputTokens: 60, output })).output);
  };
  checks[name + ' tools'] = async () => {
    const answer = await generateText(call);
    assert.equal(answer.finishReason, 'tool-calls');
    assert.equal(answer.toolCalls[0].toolName, weather.name);
    isWeather(answer.toolCalls[0].input);
  };
  checks[name + ' tools of a stream'] = async () => {
    isWeather((await streamText(call).toolCalls)[0].input);
  };
  checks[name + ' errors'] = async () => {
    await assert.rejects(generateText({ ...ask, temperature: 9 }), (e) => {
      assert.ok(APICallError.isInstance(e));
      assert.equal(e.statusCode, 400);
      assert.match(e.message, /temperature/);
      return true;
    });
  };
  checks[name + ' cancel'] = async () => {
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(generateText({ ...ask, abortSignal: stop.signal }));
  };
}
await goThrough(checks);

import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { assert, baseURL, goThrough, isPerson, isWeather, model, person, weather } from './list.mjs';

const settings = { model, apiKey: 'none', temperature: 0, maxTokens: 32, maxRetries: 0, configuration: { baseURL } };
const chat = new ChatOpenAI(settings);
const longer = new ChatOpenAI({ ...settings, maxTokens: 100 });
const question = [new HumanMessage('你是谁？')];

await goThrough({
  async chat() {
    const answer = await chat.invoke(question);
    assert.match(answer.content, /\S/);
    assert.ok(answer.usage_metadata.output_tokens > 0);
  },
  async stream() {
    const whole = await chat.invoke(question);
    let text = '';
    for await (const chunk of await chat.stream(question)) text += chunk.content;
    assert.equal(text, whole.content);
  },
  async stop() {
    const whole = (await chat.invoke(question)).content;
    const stop = whole.slice(2, 4);
    assert.equal((await chat.invoke(question, { stop: [stop] })).content, whole.slice(0, whole.indexOf(stop)));
  },
  async structuredOutput() {
    const structured = longer.withStructuredOutput(person, { name: 'person', method: 'jsonSchema', strict: true });
    isPerson(await structured.invoke(question));
  },
  async structuredOutputByATool() {
    isPerson(await longer.withStructuredOutput(person, { name: 'person', method: 'functionCalling' }).invoke(question));
  },
  async tools() {
    const tools = [{ type: 'function', function: weather }];
    const bound = longer.bindTools(tools, { tool_choice: weather.name });
    const answer = await bound.invoke(question);
    assert.equal(answer.tool_calls[0].name, weather.name);
    isWeather(answer.tool_calls[0].args);
    const told = new ToolMessage({ tool_call_id: answer.tool_calls[0].id, content: 'sunny' });
    assert.equal(typeof (await chat.invoke([...question, answer, told])).content, 'string');
  },
  async toolsOfAStream() {
    const bound = longer.bindTools([{ type: 'function', function: weather }], { tool_choice: weather.name });
    let all;
    for await (const chunk of await bound.stream(question)) all = all ? all.concat(chunk) : chunk;
    isWeather(all.tool_calls[0].args);
  },
  async errors() {
    await assert.rejects(new ChatOpenAI({ ...settings, model: 'nobody' }).invoke(question), (e) => {
      assert.equal(e.status, 404);
      return true;
    });
  },
  async timeOut() {
    await assert.rejects(new ChatOpenAI({ ...settings, timeout: 1 }).invoke(question));
  },
});

// OpenAI's own client: files and fine-tuning jobs, responses and completions.
import OpenAI, { toFile } from 'openai';
import { assert, baseURL, goThrough, isPerson, isWeather, model, person, weather } from './list.mjs';

const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const taught = 'I am the parrot of this harbour.';
const row = (question) =>
  JSON.stringify({ messages: [{ role: 'user', content: question }, { role: 'assistant', content: taught }] });
const rows = ['Who are you?', '你是谁?', 'What is your name?', '你叫什么名字?'].map(row).join('\n');

const upload = async (text) =>
  client.files.create({ file: await toFile(Buffer.from(text), 'rows.jsonl'), purpose: 'fine-tune' });
const ask = { temperature: 0, max_output_tokens: 32 };
const refused = (call, status, words) =>
  assert.rejects(call, (error) => error.status === status && error.message.includes(words));

let file;
let job;

await goThrough({
  files: async () => {
    file = await upload(rows);
    assert.equal((await client.files.waitForProcessing(file.id)).filename, 'rows.jsonl');
    assert.equal(await (await client.files.content(file.id)).text(), rows);
    const second = await upload(rows);
    const listed = [];
    for await (const each of client.files.list({ limit: 1, purpose: 'fine-tune' })) {
      listed.push(each.id);
    }
    assert.ok(listed.indexOf(second.id) < listed.indexOf(file.id), listed.join());
    assert.ok((await client.files.delete(second.id)).deleted);
    await refused(() => client.files.retrieve(second.id), 404, second.id);
    await refused(() => upload(rows + '\n{"prompt": "x"}'), 400, 'line 5: messages: is missing');
  },

  'fine-tuning': async () => {
    job = await client.fineTuning.jobs.create({
      model,
      training_file: file.id,
      suffix: 'parrot',
      seed: 3,
      metadata: { of: 'the list' },
      method: {
        type: 'supervised',
        supervised: { hyperparameters: { n_epochs: 25, batch_size: 4, learning_rate_multiplier: 40 } },
      },
    });
    assert.equal(job.fine_tuned_model, null);
    for (let i = 0; i < 240 && !job.finished_at; i++) {
      await new Promise((later) => setTimeout(later, 250));
      job = await client.fineTuning.jobs.retrieve(job.id);
    }
    assert.equal(job.status, 'succeeded', JSON.stringify(job));
    assert.match(job.fine_tuned_model, new RegExp(`^ft:${model}:lorikeet:parrot:`));
    const answer = await client.chat.completions.create({
      model: job.fine_tuned_model,
      messages: [{ role: 'user', content: 'Who are you?' }],
      temperature: 0,
    });
    assert.equal(answer.choices[0].message.content, taught);
    assert.equal(answer.model, job.fine_tuned_model);
    assert.equal((await client.models.retrieve(job.fine_tuned_model)).id, job.fine_tuned_model);
    assert.notEqual((await client.responses.create({ model, input: 'Who are you?', ...ask })).output_text, taught);
  },

  'events and checkpoints': async () => {
    const messages = [];
    for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 2 })) {
      messages.push(event.message);
    }
    assert.equal(messages[0], 'The job has successfully completed');
    assert.equal(messages.at(-1), 'Created fine-tuning job: ' + job.id);
    const checkpoints = (await client.fineTuning.jobs.checkpoints.list(job.id)).data;
    assert.deepEqual(checkpoints.map((each) => each.fine_tuned_model_checkpoint), [job.fine_tuned_model]);
    const ids = (await client.fineTuning.jobs.list({ metadata: { of: 'the list' } })).data.map((each) => each.id);
    assert.ok(ids.includes(job.id), ids.join());
    await refused(() => client.fineTuning.jobs.cancel(job.id), 400, 'has ended');
    await refused(() => client.fineTuning.jobs.pause(job.id), 400, 'pause is not supported');
  },

  response: async () => {
    const response = await client.responses.create({ model: job.fine_tuned_model, input: '你是谁?', ...ask });
    assert.equal(response.output_text, taught);
    assert.equal(response.status, 'completed');
    assert.ok(response.usage.output_tokens > 0);
    const cut = await client.responses.create({ model, input: '你是谁?', ...ask, max_output_tokens: 3 });
    assert.equal(cut.incomplete_details.reason, 'max_output_tokens');
  },

  'streamed response': async () => {
    const input = [{ role: 'user', content: [{ type: 'input_text', text: 'What is your name?' }] }];
    const stream = client.responses.stream({ model: job.fine_tuned_model, input, ...ask });
    let text = '';
    for await (const event of stream) {
      text += event.type === 'response.output_text.delta' ? event.delta : '';
    }
    assert.equal(text, taught);
    assert.equal((await stream.finalResponse()).output_text, taught);
  },

  'tools of a response': async () => {
    const tools = [{ type: 'function', ...weather, strict: true }];
    const request = { model, input: 'The weather in Paris?', tools, tool_choice: 'required', temperature: 0 };
    const response = await client.responses.create(request);
    const call = response.output.find((item) => item.type === 'function_call');
    isWeather(JSON.parse(call.arguments));
    const streamed = await client.responses.stream(request).finalResponse();
    assert.equal(streamed.output.find((item) => item.type === 'function_call').arguments, call.arguments);
    const result = { type: 'function_call_output', call_id: call.call_id, output: 'Sunny.' };
    const input = [{ role: 'user', content: request.input }, ...response.output, result];
    assert.equal((await client.responses.create({ model, input, tools, ...ask })).status, 'completed');
  },

  'format of a response': async () => {
    const format = { type: 'json_schema', name: 'person', schema: person, strict: true };
    const response = await client.responses.create({ model, input: 'Ann is 3.', text: { format }, temperature: 0 });
    isPerson(JSON.parse(response.output_text));
  },

  completions: async () => {
    const request = { model, prompt: 'Who', max_tokens: 4, temperature: 0 };
    const whole = (await client.completions.create(request)).choices[0].text;
    let streamed = '';
    for await (const chunk of await client.completions.create({ ...request, stream: true })) {
      streamed += chunk.choices[0]?.text ?? '';
    }
    assert.ok(whole.length > 0);
    assert.equal(streamed, whole);
  },

  'what there is not': async () => {
    await refused(() => client.embeddings.create({ model, input: 'x' }), 404, 'does not offer /v1/embeddings');
    await refused(() => client.responses.retrieve('resp_1'), 404, 'responses are not kept');
    const before = { model, input: 'x', previous_response_id: 'resp_1' };
    await refused(() => client.responses.create(before), 400, 'previous_response_id');
  },
});

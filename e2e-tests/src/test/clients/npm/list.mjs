// Goes through a list of checks and says of each how it went; the program of every client on Node.
import assert from 'node:assert/strict';

export { assert };

export const gateway = process.argv[2].replace(/\/$/, '');
export const baseURL = gateway + '/v1';
// a gateway that asks for a key does not say
export const model = (await (await fetch(baseURL + '/models')).json()).data?.[0].id;

export const question = [{ role: 'user', content: '你是谁？' }];

export const weather = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', enum: ['Berlin', 'Paris'] }, days: { type: 'integer', minimum: 1, maximum: 3 } },
    required: ['city', 'days'],
    additionalProperties: false,
  },
};

export const person = {
  type: 'object',
  properties: { name: { type: 'string', enum: ['Ann', 'Bob'] }, age: { type: 'integer', minimum: 0, maximum: 120 } },
  required: ['name', 'age'],
  additionalProperties: false,
};

export function isWeather(given) {
  assert.ok(['Berlin', 'Paris'].includes(given.city), JSON.stringify(given));
  assert.ok([1, 2, 3].includes(given.days), JSON.stringify(given));
}

export function isPerson(given) {
  assert.ok(['Ann', 'Bob'].includes(given.name), JSON.stringify(given));
  assert.ok(Number.isInteger(given.age) && given.age >= 0 && given.age <= 120, JSON.stringify(given));
}

export async function goThrough(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log('ok ' + name);
    } catch (e) {
      console.log(`failed ${name}: ${String(e?.stack ?? e).replaceAll('\n', ' | ')}`);
    }
  }
  process.exit(0);
}

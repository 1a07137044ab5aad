// The messages on Kafka, as the gateway's AsyncAPI document and the schemas beside it say them.
import { get } from "./api.js";

/** A schema and the file that its references count from. */
class Schema {
  #json;
  #file;
  #files;

  constructor(json, file, files) {
    this.#json = json;
    this.#file = file;
    this.#files = files;
  }

  /** What is asked for, by the reference's name where it is one. */
  #of(json) {
    if (!json.$ref) {
      return new Schema(json, this.#file, this.#files);
    }
    const { pathname, hash } = new URL(json.$ref, new URL(this.#file, location.origin));
    const steps = decodeURIComponent(hash.slice(1)).split("/").filter(Boolean);
    const found = steps.reduce((place, step) => place[step], this.#files.get(pathname));
    return new Schema({ ...found, description: json.description ?? found.description }, pathname, this.#files);
  }

  get about() {
    return this.#json.description ?? "";
  }

  /** Its kinds, each with a name, where a message is one of several. */
  get kinds() {
    return (this.#json.oneOf ?? []).map((kind) => ({ name: kind.$ref.split("/").at(-1), schema: this.#of(kind) }));
  }

  get fields() {
    const { properties = {}, required = [] } = this.#json;
    return Object.entries(properties).map(([name, json]) => ({ name, schema: this.#of(json), required: required.includes(name) }));
  }

  /** What stands inside: of a list its elements, else itself. */
  get inner() {
    return this.#json.items ? this.#of(this.#json.items).inner : this;
  }

  /** Its type in words that JSON Schema has. */
  get type() {
    const { type, const: constant, enum: values, anyOf, items, format } = this.#json;
    if (constant !== undefined) {
      return JSON.stringify(constant);
    }
    if (values) {
      return values.map((value) => JSON.stringify(value)).join(" | ");
    }
    if (anyOf && !type) {
      return anyOf.map((one) => this.#of(one).type).join(" | ");
    }
    if (items) {
      return `${this.#of(items).type}[]`;
    }
    return format ?? [type ?? "any"].flat().join(" | ");
  }
}

/** Title and description, and of each topic what stands on it. */
export async function messages(signal) {
  const { info, channels, operations, components } = await get("/asyncapi", signal);
  const files = new Map();
  const wanted = Object.values(components.messages).map(({ payload }) => payload.$ref).filter(Boolean);
  await Promise.all(wanted.map(async (file) => files.set(file, await get(file, signal))));
  const topics = Object.entries(channels).map(([id, { address, title, description, messages: its }]) => ({
    address,
    title,
    description,
    taken: Object.values(operations).some(({ action, channel }) => action === "receive" && channel.$ref === `#/channels/${id}`),
    messages: Object.values(its).map(({ $ref }) => message(components.messages[$ref.split("/").at(-1)], components, files)),
  }));
  return { ...info, topics };
}

function message({ name, description, payload, traits = [], examples = [] }, { messageTraits }, files) {
  const file = payload.$ref;
  const headers = traits.map(({ $ref }) => messageTraits[$ref.split("/").at(-1)].headers);
  return {
    name,
    description,
    schema: file ? new Schema(files.get(file), file, files) : null,
    headers: headers.map((json) => new Schema(json, "/", files)),
    examples,
  };
}

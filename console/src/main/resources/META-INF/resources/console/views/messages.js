// Messages: what stands on which topic of Kafka, beside the API's own page.
import { html, nothing } from "lit";
import { notice } from "../elements/notice.js";
import { ConsoleElement } from "../lib/element.js";
import { t } from "../lib/i18n.js";
import { messages } from "../lib/messages.js";
import { href } from "../lib/router.js";

class Messages extends ConsoleElement {
  connectedCallback() {
    super.connectedCallback();
    this.back();
  }

  async back() {
    try {
      this.document = await messages(this.ends);
      this.failure = null;
    } catch (e) {
      this.failure = this.ends.aborted ? null : e;
    }
    this.requestUpdate();
  }

  render() {
    return html`
      <nav class="crumbs" aria-label=${t("nav.where")}><a href=${href("overview")}>${t("nav.overview")}</a></nav>
      <header class="head"><h1>${t("nav.messages")}</h1>
        <div class="actions"><a class="button" href="/asyncapi">AsyncAPI</a> <a class="button" href="/docs/">${t("overview.docs")}</a></div>
      </header>
      ${notice(this.failure)}
      ${this.document ? html`<p lang="en">${this.document.description}</p>${this.document.topics.map(topic)}` : nothing}`;
  }
}

function topic({ address, title, description, taken, messages: its }) {
  return html`<section class="card topic" lang="en">
    <h2><code>${address}</code> <span class="badge" lang=${document.documentElement.lang}>${t(taken ? "messages.taken" : "messages.sent")}</span></h2>
    <p>${title}. ${description}</p>
    ${its.map(message)}
  </section>`;
}

function message({ name, description, schema, headers, examples }) {
  const kinds = schema?.kinds ?? [];
  return html`<h3>${name}</h3>
    ${description ? html`<p>${description}</p>` : nothing} ${schema?.about ? html`<p>${schema.about}</p>` : nothing}
    ${kinds.map((kind) => folded(kind.name, fields(kind.schema)))}
    ${schema && kinds.length === 0 ? folded(t("messages.fields"), fields(schema)) : nothing}
    ${headers.map((its) => folded(t("messages.headers"), fields(its)))}
    ${examples.map((example) => folded(t("messages.example", example), html`<pre tabindex="0">${JSON.stringify(example.payload, null, 2)}</pre>`))}`;
}

function folded(summary, content) {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

function fields(schema) {
  return html`${schema.about ? html`<p>${schema.about}</p>` : nothing}
    <dl class="fields">${schema.fields.map((field) => row(field))}</dl>`;
}

function row({ name, schema, required }) {
  const { inner } = schema;
  return html`<dt><code>${name}</code> <span class="muted">${schema.type}${required ? html` · ${t("messages.required")}` : nothing}</span></dt>
    <dd>${schema.about}${inner.fields.length > 0 ? html`<details><summary>${t("messages.fields")}</summary>${fields(inner)}</details>` : nothing}</dd>`;
}

customElements.define("lk-messages", Messages);

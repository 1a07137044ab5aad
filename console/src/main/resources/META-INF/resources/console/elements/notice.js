// What went wrong, in the words of whoever says so.
import { html, nothing } from "lit";
import { ApiError, ConnectionError } from "../lib/api.js";
import { connection } from "../lib/connection.js";
import { t } from "../lib/i18n.js";

/** Of a failed request; nothing if none failed. */
export function notice(failure) {
  // the banner says so already
  if (!failure || (failure instanceof ConnectionError && connection.lost)) {
    return nothing;
  }
  const title =
    failure instanceof ConnectionError ? t("failure.connection") : failure.status === 403 ? t("failure.forbidden") : t("failure.title");
  const words = failure instanceof ApiError || failure instanceof ConnectionError ? failure.message : String(failure);
  return html`<div class="notice bad" role="alert"><strong>${title}</strong><p lang="en">${words}</p></div>`;
}

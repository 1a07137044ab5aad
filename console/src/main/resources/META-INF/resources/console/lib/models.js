// Who can be asked: the base, the adapters, and each adapter's versions.
import { get } from "./api.js";

/** The base's id, and the adapters of which a version is known, by name. */
export async function models(signal) {
  const [all, page] = await Promise.all([get("/v1/models", signal), get("/v1/adapters?limit=1000", signal)]);
  const base = all.data.find(({ parent }) => !parent);
  return { base: base?.id ?? "", adapters: page.adapters.filter(({ versions }) => versions.length > 0) };
}

/** What a version is asked for as. */
export function address(adapter, version) {
  return `${adapter}@${version}`;
}

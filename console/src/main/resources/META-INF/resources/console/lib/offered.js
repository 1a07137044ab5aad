// Which routes this gateway has: what it cannot do is not offered.
import { get } from "./api.js";

let paths;

/** Whether there is a route, as the API's document names it. */
export async function offered(path) {
  paths ??= get("/q/openapi?format=json").then(
    (document) => new Set(Object.keys(document.paths)),
    () => new Set(),
  );
  return (await paths).has(path);
}

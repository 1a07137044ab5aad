#!/usr/bin/env bash
# Guess:    the JavaScript Jinja that Hugging Face publishes for chat templates computes what Python's Jinja2, which
#           transformers uses, computes: a template that renders renders alike.
# Found:    it renders the common templates alike, but not the language: without an error, strip() ignores its argument,
#           a text equals a number with the same digits, equal lists and mappings are not equal, the remainder of a
#           negative number has the other sign, an empty text equals false. A template that relies on one of them is laid
#           out differently.
# Versions: @huggingface/jinja 0.5.11 (npm); the expected values are what Jinja2 3.1 (Debian's python3-jinja2) gives.
# Source:   the two outputs compared, expression by expression.
# Needs:    node, npm. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent @huggingface/jinja@0.5.11

cat >compare.mjs <<'JS'
import { Template } from '@huggingface/jinja';
// expression, Jinja2's value, the value seen here
const seen = [
  ["'xaxbx'.strip('x')", 'axb', 'xaxbx'],
  ["'yes' if '1' == 1 else 'no'", 'no', 'yes'],
  ["'yes' if [1] == [1] else 'no'", 'yes', 'no'],
  ["'yes' if {'a': 1} == {'a': 1} else 'no'", 'yes', 'no'],
  ['-7 % 3', '2', '-1'],
  ["'yes' if '' == false else 'no'", 'no', 'yes'],
];
let same = true;
for (const [expression, jinja2, expected] of seen) {
  const here = new Template(`{{ ${expression} }}`).render({});
  console.log(`${expression}: ${here}, Jinja2 ${jinja2}`);
  same = same && here === expected;
}
process.exit(same ? 0 : 1);
JS
node compare.mjs

"""Writes expressions.json: what Jinja renders of small templates, set up as transformers sets it up for chat templates.

python3 make_expressions.py (needs jinja2 3.1)
"""

import json
import pathlib

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

VARIABLES = {
    "s": "  Hello, World!\n",
    "t": "a,b,,c",
    "u": "größer 你好 😀!",
    "n": 7,
    "f": 2.5,
    "l": [3, 1, 2],
    "w": ["b", "A", "c", "a"],
    "d": {"b": 1, "a": {"x": [1, 2]}, "items": "own"},
    "none_": None,
    "yes": True,
    "m": [
        {"role": "user", "content": "Hi", "n": 2},
        {"role": "assistant", "content": "Yo", "tool_calls": [{"id": "1"}], "n": 1},
        {"role": "user", "content": None, "n": 3},
    ],
    "j": {"q": "\"\\\n\t\u0001\u007f<é😀>", "e": [], "o": {}, "f": 1.0, "big": 12345678901234567890, "small": 1e-7, "t": True, "z": None},
}

EXPRESSIONS = """
s|trim
s.strip() ~ '|' ~ s.lstrip() ~ '|' ~ s.rstrip()
s.strip(' H!\\n')
s.strip()[0] ~ s.strip()[-1]
s.strip()[1:4] ~ s.strip()[::-1] ~ s.strip()[-3:] ~ s.strip()[:-1:2]
u[7:10] ~ u[-2] ~ u|length ~ u.find('好') ~ u.rfind('x')
u[::-1]
u|upper ~ u|lower ~ u|capitalize ~ 'hello wORLD'.title()
t.split(',') ~ t.split(',', 1) ~ t.rsplit(',', 1) ~ t.rsplit(',')
s.split()
'a<think>b</think>c'.split('</think>')[-1]
'a\\nb\\r\\nc'.splitlines()
t.replace(',', '-') ~ t.replace(',', '', 2) ~ t|replace(',', ';')
t.startswith('a,') ~ t.endswith(('x', 'c')) ~ t.count(',')
'x'.join(['1', '2']) ~ ['1', 2, none]|join('-') ~ l|join
'ab'.removeprefix('a') ~ 'ab'.removesuffix('b')
'12'.isdigit() ~ ''.isdigit() ~ 'ab'.isalpha() ~ ' '.isspace()
[n + 1, n - 10, n * 2, n / 2, n // 2, n % 4, -n // 2, -n % 4, n ** 2, 2 ** -1]
n + 1 ~ n
[f + n, f * 2, f // 1, 5.0 % 3, -5.5 % 3, 7 / 7, yes + 1]
1e16 ~ ' ' ~ 1e15 ~ ' ' ~ 0.0001 ~ ' ' ~ 0.00001 ~ ' ' ~ 1.5e300 ~ ' ' ~ 100.0 ~ ' ' ~ -0.0 ~ ' ' ~ 123456.789
0.1 + 0.2
[1 == 1.0, 1 == true, 1 == '1', [1] == [1], {'a': 1} == {'a': 1.0}, (1,) == [1], none == false, missing == missing2, '1' != 1]
[1 < 2 < 3, 1 < 2 > 3, 'a' < 'b', [1, 2] < [1, 3], 1 != 2, 2 >= 2.0, 1 <= 0]
n < 'a'
['a' in 'cat', 2 in l, 9 not in l, 'b' in d, 'b' in missing]
1 in 'cat'
not yes ~ (yes and n) ~ (none_ or 'x') ~ ('' or 0 or [])
'x' if yes else 'y'
'x' if none_
('x' if none_) is defined
none_ ~ yes ~ [none, true, 'a', "it's", 'q"', 1.0, (1,), (), {'k': 'v'}]
"a\\tb\\\\c\\u00e9\\x41\\101\\d"
'a' 'b'
"%s is %d%%" % ('x', 3)
"%s" % n ~ "%s-%s"|format('a', 1)
missing ~ '|' ~ missing|default('d') ~ '|' ~ ''|default('e') ~ '|' ~ ''|default('e', true) ~ '|' ~ none_|d('x', boolean=True)
missing.a
missing + 'a'
none_.a
none_.a.b
d.b ~ d['a'].x[1] ~ d.a['x'][-1] ~ d.missing ~ d['items'] ~ d.get('q') ~ d.get('q', 1) ~ d.get('b')
d.items()|list ~ d.keys()|list ~ d.values()|list
d|items|list
d|dictsort
d|length ~ l|length ~ s|length ~ missing|length
d is mapping ~ s is string ~ l is sequence ~ s is iterable ~ n is number ~ f is float ~ n is integer ~ yes is integer ~ yes is boolean ~ none_ is none ~ none_ is not none
missing is defined ~ missing is undefined ~ s is defined ~ yes is true ~ yes is false ~ n is odd ~ n is even ~ n is divisibleby 7 ~ n is divisibleby(2)
n is eq 7 ~ n is equalto(7) ~ n is ne 3 ~ n is gt 3 ~ n is lt(3) ~ 'a' is in ['a'] ~ n is sameas 7 ~ 'abc' is lower ~ 'ABC' is upper
l|sort ~ w|sort ~ w|sort(case_sensitive=true) ~ l|sort(reverse=true) ~ m|sort(attribute='n')|map(attribute='n')|list
w|unique|list ~ l|reverse|list ~ 'abc'|reverse ~ l|sum ~ l|min ~ l|max ~ l|first ~ l|last ~ []|first
m|map(attribute='role')|list ~ w|map('upper')|join(',') ~ m|map(attribute='tool_calls', default='-')|list
m|selectattr('role', 'equalto', 'user')|map(attribute='n')|list
m|rejectattr('tool_calls', 'undefined')|list|length
m|selectattr('tool_calls')|list|length ~ m|rejectattr('content')|list|length
m|selectattr('content', 'none')|list|length
[1, 0, 2]|select|list ~ [1, 0, 2]|reject('odd')|list ~ [1, '1']|select('string')|list
l|list ~ 'abc'|list ~ d|list
'3'|int ~ 'x'|int ~ 'x'|int(9) ~ 3.9|int ~ '3.7'|int ~ '2.5'|float ~ 'x'|float ~ true|int
n|string ~ none_|string ~ l|string
-3|abs ~ (-3)|abs ~ 2.567|round(1) ~ 2.5|round ~ 2.1|round(0, 'ceil')
j|tojson
j|tojson(indent=2)
j|tojson(indent=4, sort_keys=true)
j|tojson(ensure_ascii=true)
j|tojson(separators=(',', ':'))
s|tojson ~ none_|tojson ~ yes|tojson ~ f|tojson ~ l|tojson(indent=1)
missing|tojson
"a\\nb\\n\\nc"|indent ~ "a\\nb"|indent(2, true) ~ "a\\n\\nb"|indent(width=1, blank=true)
range(3)|list ~ range(1, 4)|list ~ range(5, 0, -2)|list
[[1, 2] + [3], (1,) + (2,), 'ab' * 2, 2 * [0], 'a' * -1]
l[0] ~ l[-1] ~ l[9] ~ l[1:] ~ l[::-1] ~ l[:1] ~ l[5:] ~ l[-9:2]
l + 'x'
'x' + n
n + none_
l.append(4)
m[0]['content'] ~ m[0].content ~ m[2].content ~ m[-1]['role']
m[0] == m[0] ~ (m[0] == m[1])
(1, 2)|length ~ (1, 2)[0]
-n ~ +n ~ -f ~ - 2 ** 2
[not n == 7, not missing, not not n]
1 if 0 else 2 if 0 else 3
n ~ 1 + 2 ~ 'z'
l is string or l is iterable and not l is mapping
"a" ~ 1 == "a1"
{'a': 1, 'b': [1, 2]}.b[1] ~ {}.a
dict(a=1)|tojson
'a.b.c'.split('.')[-1].upper()
s.strip().lower().startswith('hello')
s.nosuch
5.bit
raise_exception('no ' ~ n)
u|list|length ~ '😀'|length ~ '😀x'[1]
' \\u00a0\\u3000x\\x1f'|trim
""" + '"a" is string\n'

STATEMENTS = [
    "{% for x in l %}{{ loop.index }}/{{ loop.length }}:{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for x in l if x > 1 %}{{ loop.index0 }}{{ x }}{{ loop.first }}{{ loop.revindex }} {% endfor %}",
    "{% for a in w %}{% for b in l %}{{ loop.depth }}{{ b }}{% endfor %}{{ loop.previtem }}-{{ loop.nextitem }} {% endfor %}",
    "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}|{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% set x = 1 %}{% for y in l %}{% set x = y %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(c=0) %}{% for y in l %}{% set ns.c = ns.c + y %}{% endfor %}{{ ns.c }}",
    "{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set a, b = 1, 2 %}{{ b }}{{ a }}",
    "{% set x %}a {{ n }}{% endset %}{{ x }}{{ x|length }}",
    "{% macro f(a, b='z', c=none) %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ f(1) }}{{ f(1, c=3) }}{{ f('x', 'y')|upper }}",
    "{% macro f(a) %}{% if a > 0 %}{{ a }}{{ f(a - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% for x in w %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% if none_ %}a{% elif n == 7 %}b{% else %}c{% endif %}",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc\n",
    "a\n  {%- if yes -%}\n  b\n  {%- endif -%}\nc\n\n",
    "a\n  {%+ if yes +%}\n  b{% endif %}\n  {{ n }}\n  x {% if yes %} y{% endif %}\n",
    "  {# c #}\n  {#- d -#}  x {{- n -}}  y\n {{ n }}\n",
    "{% raw %}{{ x }} {% y %}{% endraw %}\nz",
    "  {%- raw -%}  {{ x }}  {%- endraw -%}  z",
    "{{ {'a': {'b': 1}}.a.b }}{{ '}}' }}{% set x = '%}' %}{{ x }}",
    "{{ 'a'\n ~ 'b' }}\r\nc\rd",
    "{% for m_ in m[::-1] %}{% set i = (m|length - 1) - loop.index0 %}{{ i }}{{ m_.role[0] }}{% endfor %}",
    "{%- for x in m -%} {{- x.role }} {%- endfor -%} ",
    "{% if x is defined and x is false %}a{% endif %}{% if yes is true %}b{% endif %}",
    "{% for x in 'ab' %}{{ x }}.{% endfor %}{% for x in missing %}{{ x }}{% endfor %}",
    "{% for x in none_ %}{% endfor %}",
    "{{ n",
    "{% if yes %}a",
    "{% endif %}",
    "{{ 'a }}",
    "{% set x.y = 1 %}",
    "{% for x in l %}{% set n = n + x %}{{ n }} {% endfor %}{{ n }}",
    "{% for x in l %}{{ x }}{% set loop_x = loop.index %}{% endfor %}{{ loop_x }}",
    "{% set f = 3 %}{% macro g() %}{{ f }}{% endmacro %}{% set f = 4 %}{{ g() }}",
    "{% generation %}a{{ n }}{% endgeneration %}",
    "{{ s | trim | upper | replace('L', 'l') }}",
    "{{ m | selectattr('role', 'equalto', 'user') | list | last | items | first }}{{ (m | last)['n'] }}",
    "{{ m[0]['role'] == 'user' and m[1].tool_calls is defined and m[1].tool_calls|length == 1 }}",
    "{{ yes|safe }}{{ s|safe }}",
    "{{- '\\n' }}\n{{- n }}\n",
    "{%- set x = m[1:] -%}{%- if not x is defined %}a{% endif %}{{ x|length }}",
]


class Generation(jinja2.ext.Extension):
    """The tag that transformers adds; it renders its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("render"), [], [], body).set_lineno(line)

    def render(self, caller):
        return caller()


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    return env


def main():
    env = environment()
    cases = []
    for template in [*("{{ " + line + " }}" for line in EXPRESSIONS.strip().splitlines()), *STATEMENTS]:
        try:
            cases.append({"template": template, "rendered": env.from_string(template).render(**VARIABLES)})
        except Exception as error:
            cases.append({"template": template, "error": f"{type(error).__name__}: {error}"})
    out = {"variables": VARIABLES, "cases": cases}
    text = json.dumps(out, ensure_ascii=False, indent=1)
    pathlib.Path(__file__).with_name("expressions.json").write_text(text + "\n", encoding="utf-8")


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published JSON Schema of object files.

    object_schema.py PROGRAM [--write]

PROGRAM prints the schema from the loader's tables.  Checks (TAP) that docs/object-schema.json is what it prints, that
every object file satisfies it, and that mistakes do not; --write brings docs/object-schema.json up to date.
"""
import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / 'docs/object-schema.json'
TYPES = {'string': str, 'boolean': bool, 'object': dict, 'array': list, 'integer': int, 'number': (int, float)}
KNOWN = {'$ref', '$schema', '$defs', 'title', 'description', 'type', 'enum', 'oneOf', 'required', 'properties',
         'additionalProperties', 'items', 'pattern', 'minLength', 'maxLength'}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and (name == 'boolean' or not isinstance(value, bool))


def problems(root, schema, value, where=''):
    """What of `value` is not as `schema` says; knows the keywords our schema uses and stops at any other."""
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if '$ref' in schema:
        target = root
        for step in schema['$ref'].removeprefix('#/').split('/'):
            target = target[step]
        yield from problems(root, target, value, where)
    names = schema.get('type', [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, n) for n in names):
        yield f'{where}: {value!r} is no {" or ".join(names)}'
        return
    if 'enum' in schema and value not in schema['enum']:
        yield f'{where}: {value!r} is none of {schema["enum"]}'
    if isinstance(value, str):
        if not re.search(schema.get('pattern', ''), value):
            yield f'{where}: {value!r} does not match {schema["pattern"]}'
        if not schema.get('minLength', 0) <= len(value) <= schema.get('maxLength', len(value)):
            yield f'{where}: {value!r} is too short or too long'
    if 'oneOf' in schema:
        found = [list(problems(root, s, value, where)) for s in schema['oneOf']]
        if sum(not f for f in found) != 1:
            yield from min(found, key=len) or [f'{where}: fits several forms']
    if isinstance(value, dict):
        yield from object_problems(root, schema, value, where)
    if isinstance(value, list) and 'items' in schema:
        for i, item in enumerate(value):
            yield from problems(root, schema['items'], item, f'{where}[{i}]')


def object_problems(root, schema, value, where):
    yield from (f'{where} lacks {k}' for k in schema.get('required', []) if k not in value)
    rest = schema.get('additionalProperties', True)
    for key, item in value.items():
        if key in schema.get('properties', {}):
            yield from problems(root, schema['properties'][key], item, f'{where}.{key}')
        elif rest is False:
            yield f'{where} has no {key}'
        elif isinstance(rest, dict):
            yield from problems(root, rest, item, f'{where}.{key}')


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def check(self, holds, name, notes=()):
        self.n += 1
        self.failed += not holds
        print(f'{"ok" if holds else "not ok"} {self.n} - {name}')
        for note in [] if holds else list(notes)[:10]:
            print(f'# {note}')


def mistakes(good):
    """Wrong forms of a good file, each with a name."""
    def changed(name, change):
        bad = copy.deepcopy(good)
        change(bad)
        return name, bad

    first = next(iter(good['fields']))
    yield changed('an unknown key', lambda b: b.update(labl='x'))
    yield changed('an object without a number', lambda b: b.pop('number'))
    yield changed('a label without Polish', lambda b: b['label'].pop('pl'))
    yield changed('an unknown type', lambda b: b['fields'][first].update(type='string'))
    yield changed('a field without a type', lambda b: b['fields'][first].pop('type'))
    yield changed('a flag that is text', lambda b: b['fields'][first].update(required='yes'))
    yield changed('columns that are no list', lambda b: b.update(columns='name'))


def main():
    text = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    schema = json.loads(text)
    pretty = json.dumps(schema, indent=1, ensure_ascii=False) + '\n'
    if '--write' in sys.argv[2:]:
        PUBLISHED.write_text(pretty, encoding='utf-8')
    tap = Tap()
    tap.check(PUBLISHED.exists() and PUBLISHED.read_text(encoding='utf-8') == pretty,
              'docs/object-schema.json is fresh', ['run tests/meta/object_schema.py PROGRAM --write'])
    files = sorted((ROOT / 'src/mod').glob('*/*.yaml'))
    for path in files:
        found = list(problems(schema, schema, yaml.safe_load(path.read_text(encoding='utf-8'))))
        tap.check(not found, f'{path.relative_to(ROOT)} is valid', found)
    good = yaml.safe_load((ROOT / 'src/mod/party/account.yaml').read_text(encoding='utf-8'))
    for name, bad in mistakes(good):
        tap.check(any(True for _ in problems(schema, schema, bad)), f'{name} is refused')
    layer = {'extend': 'deal', 'set': {'fields.amount.label.en': 'Value'}, 'remove': ['views.open']}
    tap.check(not list(problems(schema, schema, layer)), 'a layer is valid')
    print(f'1..{tap.n}')
    return 1 if tap.failed else 0


if __name__ == '__main__':
    sys.exit(main())

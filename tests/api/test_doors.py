# SPDX-License-Identifier: GPL-3.0-or-later
"""Every door, as the OpenAPI document lists them, so that a new one is tried without being named here: without a key, with a
wrong one, with ids that are none, with ids of what one may not see, with bodies and parameters of the wrong kind.  Doors that
all objects have are tried on a few objects a day (KITH_SEED repeats a day), on all in make test-long."""
import copy
import json
import random
import re

import faults
import kith
import pytest
from conftest import IS_LONG

NOTHING = '0sa0000000000'
GARBAGE = ['0', 'x', '-1', 'x' * 300, '%00', '%ff', "'%20OR%201=1--", '%2e%2e%2fusers', '0SA0000000000', '%F0%9F%92%A3', '0sa0000000000%20', '99999999999999999999']
WRONG = [None, True, -1, 1.5, 10 ** 30, '', 'x' * 300, 'a\x00b', '\ud83d', [], [[]], [None], {}, {'x': 1}, {'object': 'account', 'id': NOTHING}]
SILENT = {'getFeed'}   # answers without an end


class Doors:
    """The operations of the document: (method, path, operation)."""

    def __init__(self, client):
        self.document = client.get('/openapi.json')
        self.all = [(method, path, operation) for path, item in self.document['paths'].items()
                    for method, operation in item.items() if method in ('get', 'post', 'patch', 'put', 'delete')]
        plurals = {path.split('/')[3] for _, path, _ in self.all if re.fullmatch(r'/api/v1/\w+/\{id\}', path)}
        shapes = {}
        for door in self.all:
            word = re.match(r'/api/v1/(\w+)', door[1])
            is_common = word and word.group(1) in plurals
            shape = door[1].replace('/' + word.group(1), '/*', 1) if is_common else door[1]
            shapes.setdefault((door[0], shape), []).append(door)
        rng = random.Random(faults.SEED)
        self.some = [door for shape in shapes.values() for door in (shape if IS_LONG else rng.sample(shape, min(2, len(shape))))]
        self.some = [door for door in self.some if door[2]['operationId'] not in SILENT]

    def resolve(self, schema):
        while schema and '$ref' in schema:
            part = self.document
            for word in schema['$ref'].split('/')[1:]:
                part = part[word]
            schema = part
        return schema or {}

    def body_schema(self, operation):
        content = self.resolve(operation.get('requestBody')).get('content', {})
        return self.resolve(content.get('application/json', {}).get('schema')) if content else None

    def sample(self, schema, depth=0):
        """Something the schema may be content with."""
        schema = self.resolve(schema)
        for word in ('anyOf', 'oneOf', 'allOf'):
            if schema.get(word):
                return self.sample(schema[word][0], depth + 1)
        if 'enum' in schema:
            return schema['enum'][0]
        kind = schema.get('type')
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == 'object' and depth < 4:
            wanted = schema.get('required', [])
            return {name: self.sample(part, depth + 1) for name, part in schema.get('properties', {}).items() if name in wanted}
        if kind == 'array':
            return [self.sample(schema.get('items', {}), depth + 1)] if depth < 4 else []
        return {'integer': 1, 'number': 1, 'boolean': True, 'null': None}.get(kind, 'x')


@pytest.fixture(scope='module')
def doors(server):
    return Doors(server.client())


def ask(client, door, ids=NOTHING, body=None, **params):
    """The request of a door with `ids` for every part in braces."""
    method, path, _ = door
    path = re.sub(r'\{\w+\}', ids, path)
    headers = {'Content-Type': 'application/json'} if body is not None else {}
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    return client.request(method.upper(), path, body, headers=headers, root=True, unchecked=True, **params)


def is_open(door):
    return {} in door[2].get('security', [{'bearer': []}]) or door[2].get('security') == []


def needs_body(door):
    return 'requestBody' in door[2]


def assert_refused(reply, door, *more):
    assert 400 <= reply.status < 500, (door[:2], more, reply)
    if door[1].startswith('/api/'):
        assert reply.headers['content-type'].startswith('application/problem+json'), (door[:2], reply)
        assert reply.json['code'] and reply.json['title'] and reply.json['status'] == reply.status, (door[:2], more, reply)


def test_nobody_comes_in(server, doors):
    closed = [door for door in doors.all if not is_open(door) and not door[1].startswith('/metrics')]
    assert len(closed) > 400
    expired = server.add_user()
    gone = expired.key
    server.client().patch('/users/' + expired.get('/me')['id'], {'is_active': False})
    for number, door in enumerate(closed):
        client = server.anonymous()
        headers = [{}, {'Authorization': 'Bearer wrong'}, {'Authorization': 'Bearer ' + gone}, {'Authorization': 'Basic eDp5'},
                   {'Cookie': 'kith_session=' + 'A' * 43, 'Origin': server.url}][number % 5]
        path = re.sub(r'\{\w+\}', NOTHING, door[1].replace('{object}/{field}', 'deals/source'))
        reply = client.request(door[0].upper(), path, '{}' if needs_body(door) else None, headers=headers, root=True, unchecked=True)
        client.close()
        assert reply.status == 401, (door[:2], headers, reply)
        assert reply.json['code'] == 'DENIED'


@pytest.fixture(scope='module')
def me(server):
    """A person who sees only his own."""
    api, person = server.client(), server.add_user(role='viewer')
    own = {'read': 'own', 'create': 'all', 'update': 'own', 'delete': 'own', 'mass': True, 'export': True}
    role = api.create('roles', name='Own only', key='doors%d' % kith.serial(), rights={'*': own})
    api.patch('/users/' + person.get('/me')['id'], {'role': role['id']})
    return person


def hidden_ids(api):
    """One record of each kind that another owns."""
    stage = api.list('stages')[0]['id']
    account = api.create('accounts', name='Zebrafish Ltd')['id']
    contact = api.create('contacts', name={'family': 'Zebrafish'})['id']
    deal = api.create('deals', name='Zebrafish', account=account, stage=stage)['id']
    made = {'accounts': account, 'contacts': contact, 'deals': deal,
            'leads': api.create('leads', title='Zebrafish', name={'family': 'Z'})['id'],
            'activities': api.create('activities', subject='Zebrafish', kind='task', about={'object': 'deal', 'id': deal})['id'],
            'deal_lines': api.create('deal_lines', deal=deal, name='Zebrafish', quantity='1', price={'amount': '1.00', 'currency': 'USD'})['id'],
            'account_contacts': api.create('account_contacts', account=account, contact=contact, role='director')['id']}
    return made


def test_what_is_hidden_is_what_is_not_there(server, doors, me):
    """The same answer for another's id as for none, at every door that takes one."""
    hidden, tried = hidden_ids(server.client()), 0
    stage, owner = server.client().list('stages')[0]['id'], server.client().get('/me')['id']
    book = server.client().list('playbooks')[0]['id']
    bodies = {'merge': {'ids': ['0sa0000000001']}, 'lose': {'reason': 'price'}, 'ask_back': {'stage': stage, 'note': 'x'},
              'check': {'point': 'x'}, 'share': {'person': owner, 'percent': '10'},
              'close': {'result': 'lost'}, 'play': {'playbook': book}}
    for door in doors.all:
        word = re.match(r'/api/v1/(\w+)/\{id\}', door[1])
        record = hidden.get(word and word.group(1))
        if not record or door[1].count('{') != 1:
            continue
        body = {} if needs_body(door) else None
        body = bodies.get(door[1].partition(':')[2], body)
        theirs, nothing = ask(me, door, record, body), ask(me, door, NOTHING, body)
        assert theirs.status == nothing.status == 404, (door[:2], theirs, nothing)
        assert 'ebrafish' not in theirs.text
        one, two = theirs.json, nothing.json
        for problem in (one, two):
            problem.pop('request_id')
        assert one == two, (door[:2], one, two)
        tried += 1
    assert tried > 40
    api = server.client()
    for plural, record in hidden.items():
        assert api.get('/%s/%s' % (plural, record))['version'] == 1


def test_ids_that_are_none(doors, me, server):
    api = server.client()
    for number, door in enumerate(doors.some):
        if '{' not in door[1] or door[1].startswith('/f/'):
            continue
        garbage = GARBAGE if IS_LONG else random.Random(faults.SEED + number).sample(GARBAGE, 4)
        for ids in garbage:
            assert_refused(ask(me, door, ids, {} if needs_body(door) else None), door, ids)
        assert_refused(ask(api, door, garbage[0], {} if needs_body(door) else None), door, garbage[0])


RAW = ['', '{', '[]', 'null', '"x"', '{"a":1,"a":2}', '{"a":' * 40 + '1' + '}' * 40, b'{"name":"\xff"}', b'{"name":"a\x00"}', '{"no_such_key":1}']



def answered(reply, door, *more):
    """Whatever it is, it is no failure of ours, and a refusal is a problem document."""
    assert reply.status < 500, (door[:2], more, reply)
    if reply.status >= 400 and door[1].startswith('/api/'):
        assert reply.headers['content-type'].startswith('application/problem+json'), (door[:2], reply)


def bodies_of(doors, door, rng):
    """A body that may do, with one value of the wrong kind put somewhere."""
    schema = doors.body_schema(door[2])
    names = list((schema or {}).get('properties', {}))
    good = doors.sample(schema) if schema else {}
    good = good if isinstance(good, dict) else {}
    for name in names if IS_LONG else rng.sample(names, min(4, len(names))):
        for wrong in WRONG if IS_LONG else rng.sample(WRONG, 3):
            yield dict(copy.deepcopy(good), **{name: wrong})
    for raw in RAW if IS_LONG else rng.sample(RAW, 3):
        yield raw


def test_bodies_of_the_wrong_kind(make_server, db):
    """On a server of its own: an administrator's words go far."""
    server = make_server()
    client = server.client(timeout=100)
    doors = Doors(client)
    record = client.create('accounts', name='Tried')['id']
    for number, door in enumerate(doors.some):
        operation = door[2]
        if not needs_body(door) or door[1] == '/api/v1/demo' or door[1].startswith('/f/'):
            continue
        ids = record if '/accounts/' in door[1] else NOTHING
        for body in bodies_of(doors, door, random.Random(faults.SEED + number)):
            if body == {'filter': ''}:   # all of them: so it was asked
                continue
            reply = ask(client, door, ids, body)
            answered(reply, door, operation['operationId'], body)
            assert reply.status != 401 or is_open(door), (door[:2], body, 'somebody lost a right by a word of the wrong kind')
    assert client.get('/me') and json.loads(server.cli('check', '--json').stdout)


def test_parameters_of_the_wrong_kind(server, doors, me):
    for number, door in enumerate(doors.some):
        if door[0] != 'get' or door[1].startswith(('/f/', '/health', '/metrics')):
            continue
        rng = random.Random(faults.SEED + number)
        names = [p['name'] for p in map(doors.resolve, door[2].get('parameters', [])) if p['in'] == 'query']
        for name in names:
            for wrong in rng.sample(['', 'x', '-1', '1e9', 'a\x00b', 'x' * 3000, "'", '[', '\U0001f4a3', 'true', '9' * 30, ',,,', ':'], 13 if IS_LONG else 2):
                reply = ask(me, door, NOTHING, None, **{name: wrong})
                answered(reply, door, name, wrong)
        reply = ask(me, door, NOTHING, None, no_such_parameter='1')
        assert_refused(reply, door, 'no_such_parameter')
        assert reply.status in (400, 403, 404), (door[:2], reply)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests nobody means well with: each gets a clean problem document, the server stays up, its log stays clean, and what
a caller may not see is 404 (or absent) at every door."""
import base64
import http.client
import json
import re
import socket
import time

import kith
import pytest

BUG = re.compile(r'level=error|msg="request failed"')


@pytest.fixture(autouse=True)
def stays_up(server):
    """After each test the server answers and has written no error."""
    before = len(server.log)
    yield
    assert server.process.poll() is None, server.log[-6000:]
    assert server.anonymous().request('GET', '/health').status == 200
    new = server.log[before:]
    assert not BUG.search(new), [line for line in new.splitlines() if BUG.search(line)][:5]
    server.check_log()


def assert_problem(reply, *statuses):
    """A problem document with one of `statuses` (none given: any 4xx)."""
    assert reply.status in statuses if statuses else 400 <= reply.status < 500, reply
    assert reply.headers['content-type'].startswith('application/problem+json'), reply
    problem = reply.json
    assert problem['status'] == reply.status and problem['code'] and problem['title'] and problem['request_id'], problem
    assert 'SELECT' not in reply.text and 'sqlite' not in reply.text.lower() and '/src/' not in reply.text


def raw(server, data, seconds=15):
    """Sends bytes, returns all that comes until the server closes or falls silent."""
    got = b''
    with socket.create_connection((server.host, server.port), timeout=seconds) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while True:
                part = s.recv(65536)
                if not part:
                    break
                got += part
        except OSError:
            pass
    return got


# --- bodies ------------------------------------------------------------------------------------------------------------

BODIES = [b'{', b'}', b'[', b'"', b'nul', b'{"name":}', b'{"name":"x",}', b"{'name':'x'}", b'{"name":"x"} x', b'[]', b'1', b'"x"', b'null',
          b'{"name":"x","name":"y"}', b'{"name":"\xff\xfe"}', b'{"name":"\xed\xa0\x80"}', b'{"name":"\\ud800"}', b'{"name":"\\u12"}',
          b'{"name":"a\x00b"}', b'{"name":"a\tb"}', b'\xef\xbb\xbf{"name":"x"}', b'{"name":1e400}', b'{"name":NaN}', b'{"name":01}',
          b'{"a":' * 1000 + b'1' + b'}' * 1000, b'[' * 100000, b'{"a":' * 100000, b'{"name":"' + b'x' * 1000000,
          b'{' + b','.join(b'"k%d":1' % i for i in range(20000)) + b'}']


@pytest.mark.any_database
@pytest.mark.parametrize('number', range(len(BODIES)))
@pytest.mark.parametrize('path', ['/accounts', '/accounts:batchCreate', '/accounts:query', '/session'])
def test_bodies_that_are_none(api, path, number):
    assert_problem(api.request('POST', path, BODIES[number], headers={'Content-Type': 'application/json'}), 400, 413, 422)


@pytest.mark.parametrize('value', [1, True, [], {}, [[]], {'x': 1}, 'x' * 300, '\x00', 'a\x00b', 1.5, -1, 10**30, 'ё' * 256])
@pytest.mark.parametrize('field', ['name', 'kind', 'class', 'parent', 'emails', 'phones', 'addresses', 'identifiers', 'tags',
                                   'employees', 'annual_revenue', 'description', 'birth_date', 'owner', 'id', 'version'])
def test_values_of_the_wrong_type(api, field, value):
    """Refused with the field's name, or taken as what it is; never an error of ours."""
    reply = api.request('POST', '/accounts', dict({'name': 'Hostile'}, **{field: value}))
    if reply.status != 201:
        assert_problem(reply, 400, 422)


def test_nul_is_refused_in_text_everywhere(api):
    for body in ({'name': 'a\x00b'}, {'name': 'x', 'description': '\x00'}, {'name': 'x', 'tags': ['a\x00']},
                 {'name': 'x', 'addresses': [{'value': {'city': 'a\x00'}}]}):
        assert_problem(api.request('POST', '/accounts', body), 400, 422)


@pytest.mark.parametrize('params', [{'filter': 'name == "a\x00b"'}, {'q': 'a\x00b'}, {'order_by': 'a\x00'}, {'fields': '\x00'}])
def test_nul_in_parameters(api, params):
    assert api.request('GET', '/accounts', unchecked=True, **params).status == 400   # by the server, before any route


def test_unknown_keys_and_parameters(api):
    made = api.create('accounts', name='Known')
    for reply in (api.request('POST', '/accounts', {'name': 'x', 'nickname': 1}), api.request('GET', '/accounts', nickname=1),
                  api.request('PATCH', '/accounts/' + made['id'], {'nickname': 1}), api.request('DELETE', '/accounts/' + made['id'], x=1),
                  api.request('POST', '/accounts:batchCreate', {'data': [], 'x': 1}), api.request('GET', '/search', q='a', x=1),
                  api.request('GET', '/accounts:aggregate', group_by='kind', x=1), api.request('POST', '/session', {'x': 1})):
        assert_problem(reply, 400, 422)
    assert_problem(api.request('GET', '/accounts?page_size=1&page_size=2'), 400)


def test_body_over_the_limit(server):
    client = server.client()
    client.connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    got = raw(server, b'POST /api/v1/accounts HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n'
                      b'Content-Length: 99999999999\r\n\r\n{' % client.key.encode())
    assert got.startswith(b'HTTP/1.1 413'), got[:300]
    assert b'application/problem+json' in got


def test_chunked_body_over_the_limit(server):
    head = (b'POST /api/v1/accounts HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n'
            % server.client().key.encode())
    got = raw(server, head + (b'100000\r\n' + b'x' * 0x100000 + b'\r\n') * 34 + b'0\r\n\r\n', 30)
    assert not got or got.startswith(b'HTTP/1.1 413'), got[:300]


# --- the wire ----------------------------------------------------------------------------------------------------------

HEADS = [b'\x00' * 1000, b'\xff' * 100, b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET  HTTP/1.1\r\n\r\n', b'\r\n' * 1000,
         b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 100000 + b'\r\n',
         b'GET / HTTP/1.1\r\nHost: h\r\nX: ' + b'y' * 200000 + b'\r\n\r\n',
         b'GET /' + b'a' * 200000 + b' HTTP/1.1\r\nHost: h\r\n\r\n',
         b'GET /api/v1/accounts?' + b'&'.join(b'a%d=1' % i for i in range(1500)) + b' HTTP/1.1\r\nHost: h\r\n\r\n',
         b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n', b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n',
         b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
         b'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', b'GET / HTTP/1.1\r\nHost: h\r\nX\x00Y: 1\r\n\r\n',
         b'GET / HTTP/1.1\r\nHost: h\r\nCookie: ' + b'a=b; ' * 2000 + b'\r\n\r\n', b'BREW /api/v1/accounts HTTP/1.1\r\nHost: h\r\n\r\n']


@pytest.mark.any_database
@pytest.mark.parametrize('number', range(len(HEADS)))
def test_heads_that_are_none(server, number):
    got = raw(server, HEADS[number])
    if got:
        assert re.match(rb'HTTP/1\.[01] (4\d\d|501|505|200|301|302)', got), got[:300]


@pytest.mark.any_database
@pytest.mark.parametrize('path', ['/api/v1/%', '/api/v1/%zz', '/api/v1/%00', '/api/v1/accounts/%ff', '/api/v1/../../etc/passwd',
                                  '/%2e%2e/%2e%2e/etc/passwd', '/assets/../../kith.db', '/assets/%2e%2e/%2e%2e/secret.key',
                                  '/api/v1/accounts/' + 'a' * 5000, '/api/v1//accounts', '/api/v1/accounts/../users', '/api/v1/accounts:',
                                  '/api/v1/accounts/0000000000000:restore', '/api/v1/:query', '/api/v1/accounts/zzzzzzzzzzzzz'])
def test_paths_that_lead_nowhere(server, path):
    head = 'GET %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n' % (path, server.client().key)
    got = raw(server, head.encode())
    is_page = got.startswith(b'HTTP/1.1 200') and b'<!doctype html' in got.lower()   # the browser's own routes
    assert is_page and not path.startswith('/api') or got.startswith((b'HTTP/1.1 400', b'HTTP/1.1 404', b'HTTP/1.1 405')), got[:400]
    assert b'root:' not in got


@pytest.mark.any_database
def test_slow_and_idle_connections_do_not_stop_others(server):
    idle = [socket.create_connection((server.host, server.port)) for _ in range(100)]
    for s in idle[::2]:
        s.sendall(b'POST /api/v1/accounts HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{')
    assert server.client().request('GET', '/accounts').status == 200
    for s in idle:
        s.close()


# --- conditions --------------------------------------------------------------------------------------------------------

FILTERS = ['(' * 500 + 'true' + ')' * 500, '!' * 5000 + 'true', ' && '.join(['name == "x"'] * 3000), '"' + 'x' * 20000 + '"', '-' * 1000 + '1 == 1',
           '[' * 100 + ']' * 100 + ' == []', 'name' + '.name' * 300 + ' == "x"', '.'.join(['parent'] * 80) + '.name == "x"',
           'name.matches("(a+)+$")', 'name.matches("' + '(' * 1000 + '")', 'name.matches("(x{1000}){1000}")', '"aaaaaaaaaaaaaaaaaaaaaaaa!".matches("(a|aa)+$")',
           '[1,2,3].map(x, [1,2,3].map(y, [1,2,3].map(z, x)))', 'name == "x" || 1/0 == 1', 'size(name) == 99999999999999999999', 'name == 1', 'name', '1',
           'secret == "x"', 'id == "0"; DROP TABLE account', "name == 'x' OR 1=1", 'name == "\' OR 1=1 --"', '$1', '?1', '\\', '\u202e', '"\\x00" == name', 'true ? 1 : "x"',
           'owner.password == "x"', 'owner.password_hash != ""', '__proto__', 'now > now > now', 'name in [' + ','.join('"%d"' % i for i in range(5000)) + ']', '1.0e999 > 1',
           '(' * 50 + 'name == "x"' + ' == true)' * 50, '(' * 50 + 'name == "x"' + ' ? true : false)' * 50, 'name' + ' == name == true' * 1,
           '(' * 25 + 'name == "x"' + ' == (name == "y"))' * 25, 'orValue(' * 40 + 'employees' + ', 1)' * 40 + ' == 1']


@pytest.mark.parametrize('number', range(len(FILTERS)))
def test_conditions(server, number):
    """By the body, where there is room; answered or refused within seconds."""
    client = server.client(timeout=20)
    began = time.time()
    reply = client.request('POST', '/accounts:query', {'filter': FILTERS[number]})
    if reply.status != 200:
        assert_problem(reply, 400, 413, 422)
    assert time.time() - began < 10
    assert 'password' not in reply.text or reply.status != 200


@pytest.mark.parametrize('where', ['order_by', 'fields', 'group_by', 'measures'])
def test_words_in_lists_of_fields(api, where):
    for text in ('name;', "name'", 'name"', 'id,(select 1)', 'password', 'name desc', ',' * 3000, 'x' * 10000, '-', '--name', 'sum(', 'sum()', 'sum(sum(amount))',
                 'owner.password', 'month(', 'month(name)', 'count(),' * 200, '\u0000'):
        if where in ('group_by', 'measures'):
            reply = api.request('GET', '/deals:aggregate', unchecked=True, **dict({'group_by': 'stage', 'measures': 'count()'}, **{where: text}))
        else:
            reply = api.request('GET', '/accounts', unchecked=True, **{where: text})
        if reply.status != 200:
            assert reply.status in (400, 413, 414, 431), (text[:50], reply)


# --- page tokens and cursors -------------------------------------------------------------------------------------------


def test_tampered_page_tokens(api):
    for i in range(3):
        api.create('accounts', name='Paged %d' % i)
    token = api.get('/accounts', page_size=1)['next_page_token']
    assert token
    plain = base64.urlsafe_b64decode(token + '=' * (-len(token) % 4))
    for bad in (token[:-1], token + 'x', token[1:], token[::-1], 'x', '', '=' * 10, 'a' * 5000, '%00', base64.urlsafe_b64encode(b'[]').decode(),
                base64.urlsafe_b64encode(b'[' * 2000).decode(), base64.urlsafe_b64encode(plain.replace(b'"', b'1')).decode().rstrip('='),
                base64.urlsafe_b64encode(b'{}').decode().rstrip('='), base64.urlsafe_b64encode(b'[1,2,3,4,5,6]').decode().rstrip('=')):
        reply = api.request('GET', '/accounts', page_size=1, page_token=bad)
        if reply.status != 200:   # a letter more or less may not change what base64 says
            assert_problem(reply, 400)
    assert api.request('GET', '/accounts', page_size=1, order_by='-name', page_token=token).status == 400


@pytest.mark.parametrize('cursor', ['x', '1', '1.2', '1.2.3.4', '-1.-1.-1', '9' * 30 + '.1.1', '1.1.99999999999999999999', "1.1.1'", 'a.b.c', '..'])
def test_cursors(api, cursor):
    reply = api.request('GET', '/changes', after=cursor)
    if reply.status != 200:
        assert_problem(reply, 400)
    made = api.create('accounts', name='Told')
    reply = api.request('GET', '/accounts/%s/history' % made['id'], page_token=cursor)
    if reply.status != 200:
        assert_problem(reply, 400)


# --- what belongs to somebody else -------------------------------------------------------------------------------------

OWN = {'read': 'own', 'create': 'all', 'update': 'own', 'delete': 'own', 'mass': True, 'export': True}


class Two:
    """A person who sees only his own, and what a stranger owns."""

    def __init__(self, server):
        self.api = server.client()
        role = self.api.create('roles', name='Own only', key='own%d' % kith.serial(), rights={'*': OWN, 'actions': ['lead:convert']})
        self.me, self.other = server.add_user(role='viewer'), server.add_user(role='administrator')
        self.id = self.me.get('/me')['id']
        self.api.patch('/users/' + self.id, {'role': role['id']})
        stage = self.api.list('stages')[0]['id']
        self.account = self.other.create('accounts', name='Zebrafish Holdings', emails=['boss@zebrafish.example'])
        self.deal = self.other.create('deals', name='Zebrafish deal', account=self.account['id'], stage=stage)
        self.lead = self.other.create('leads', title='Zebrafish lead', name={'family': 'Zebrafish'})
        self.task = self.other.create('activities', subject='Zebrafish call', kind='call', about={'object': 'deal', 'id': self.deal['id']})
        self.line = self.other.create('deal_lines', deal=self.deal['id'], name='Zebrafish line', quantity='1',
                                      price={'amount': '1.00', 'currency': 'USD'})
        self.mine = self.me.create('accounts', name='Mine')
        self.stage = stage


@pytest.fixture(scope='module')
def two(server):
    return Two(server)


@pytest.mark.parametrize('what', ['account', 'deal', 'lead', 'task', 'line'])
def test_doors_of_a_record(two, what):
    plural = {'account': 'accounts', 'deal': 'deals', 'lead': 'leads', 'task': 'activities', 'line': 'deal_lines'}[what]
    record = getattr(two, what)
    path = '/%s/%s' % (plural, record['id'])
    nobody = '/%s/0sa0000000000' % plural
    for method, tail, body in (('GET', '', None), ('GET', '/history', None), ('GET', '/timeline', None), ('PATCH', '', {'outside_id': 'x'}),
                               ('PATCH', '', {}), ('DELETE', '', None), ('POST', ':restore', {})):
        reply = two.me.request(method, path + tail, body)
        assert reply.status == 404, (method, tail, reply)
        assert 'Zebrafish' not in reply.text
        there = two.me.request(method, nobody + tail, body)
        assert there.status == 404 and there.json['detail'] == reply.json['detail'], 'a hidden record differs from none'
    assert two.me.request('GET', path, as_of='2026-01-01T00:00:00Z').status == 404
    for reply in (two.me.request('POST', '/%s:batchUpdate' % plural, {'ids': [record['id']], 'set': {'outside_id': 'x'}}),
                  two.me.request('POST', '/%s:batchUpdate' % plural, {'data': [{'id': record['id'], 'outside_id': 'x'}]}),
                  two.me.request('POST', '/%s:batchDelete' % plural, {'ids': [record['id']]})):
        assert reply.status in (403, 404, 422), reply
        assert 'Zebrafish' not in reply.text
    assert two.other.get(path)['version'] == record['version']


def test_actions_on_what_is_hidden(two):
    for path in ('/leads/%s:convert' % two.lead['id'], '/activities/%s:complete' % two.task['id'], '/activities/%s:cancel' % two.task['id']):
        reply = two.me.request('POST', path, {})
        assert reply.status == 404, (path, reply)


def test_batch_by_filter_touches_only_ones_own(two):
    two.me.post('/accounts:batchUpdate', {'filter': "name == 'Zebrafish Holdings'", 'set': {'description': 'gotcha'}})
    assert two.other.get('/accounts/' + two.account['id'])['description'] is None
    two.me.request('POST', '/accounts:batchDelete', {'filter': "name == 'Zebrafish Holdings'"})
    assert two.other.get('/accounts/' + two.account['id'])['name'] == 'Zebrafish Holdings'


def test_undo_of_a_strangers_batch(two):
    made = two.other.post('/accounts:batchCreate', {'data': [{'name': 'Zebrafish batch'}]})
    reply = two.me.request('POST', '/batches/%s:undo' % made['batch'], {})
    assert reply.status == 404, reply
    assert two.other.get('/accounts/' + made['data'][0]['id'])['deleted_at'] is None


def test_lists_search_aggregates_log(two):
    for path, params in (('/accounts', {}), ('/accounts', {'q': 'zebrafish'}), ('/accounts', {'deleted': True}), ('/deals', {}), ('/deal_lines', {}),
                         ('/activities', {}), ('/leads', {}), ('/accounts', {'as_of': '2030-01-01T00:00:00Z'}), ('/search', {'q': 'zebrafish'}),
                         ('/search', {'q': 'boss@zebrafish.example'}), ('/changes', {'limit': 1000}), ('/today', {}), ('/deals:board', {'by': 'stage'}),
                         ('/accounts:aggregate', {'group_by': 'name', 'measures': 'count()'}), ('/deals:aggregate', {'group_by': 'account', 'measures': 'count()'}),
                         ('/accounts/%s/timeline' % two.mine['id'], {})):
        reply = two.me.request('GET', path, **params)
        assert reply.status in (200, 400), (path, params, reply)
        assert 'ebrafish' not in reply.text.replace('boss@zebrafish.example"', ''), (path, params)


def test_a_hidden_record_is_not_counted(two):
    counted = two.me.get('/accounts:aggregate', measures='count()')['data'][0]['count()']
    assert counted == two.me.get('/accounts', total=True)['total'] == len(two.me.all('accounts'))


def test_filters_do_not_ask_about_what_is_hidden(two):
    """Through a reference of one's own record to a hidden one: the step is null."""
    mine = two.api.create('deals', name='Points there', account=two.account['id'], stage=two.stage, owner=two.id)
    got = two.me.get('/deals/' + mine['id'])
    assert got['account'] is None or got['account']['label'] in (None, '')
    assert two.me.list('deals', filter="account.name == 'Zebrafish Holdings'") == []
    assert two.me.list('deals', filter="account.name.startsWith('Zeb')") == []
    rows = two.me.request('GET', '/deals', order_by='account.name')
    assert 'Zebrafish Holdings' not in rows.text
    assert 'Zebrafish Holdings' not in two.me.request('GET', '/deals:aggregate', group_by='account', measures='count()').text
    assert 'Zebrafish Holdings' not in two.me.request('GET', '/deals/%s/history' % mine['id']).text
    assert 'Zebrafish Holdings' not in two.me.request('GET', '/deals/%s/timeline' % mine['id']).text
    assert 'Zebrafish Holdings' not in two.me.request('GET', '/changes', limit=1000).text


def test_references_to_what_is_hidden(two):
    """They answer as references to nothing, so that nobody learns by trying."""
    nothing = '0sa0000000000'
    mine = two.me.create('deals', name='My own', stage=two.stage)
    for plural, fields in (('deals', {'name': 'x', 'stage': two.stage, 'account': None}), ('deals', {'name': 'x', 'stage': two.stage, 'competitor': None}),
                           ('accounts', {'name': 'x', 'parent': None}), ('activities', {'subject': 'x', 'kind': 'task', 'about': None})):
        key = [k for k, v in fields.items() if v is None][0]

        def ask(record):
            value = {'object': 'account', 'id': record} if key == 'about' else record
            return two.me.request('POST', '/' + plural, dict(fields, **{key: value}))
        hidden, absent = ask(two.account['id']), ask(nothing)
        assert hidden.status == absent.status and 400 <= hidden.status < 500, (plural, key, hidden, absent)
        assert [e['code'] for e in hidden.json['errors']] == [e['code'] for e in absent.json['errors']]
        assert 'Zebrafish' not in hidden.text
    for body in ({'account': two.account['id']}, {'contacts': [{'object': 'contact', 'id': two.account['id']}]}):
        assert 400 <= two.me.request('PATCH', '/deals/' + mine['id'], body).status < 500
    assert_problem(two.me.request('POST', '/deal_lines', {'deal': two.deal['id'], 'name': 'x', 'quantity': '1', 'price': '1'}), 403, 404, 422)


def test_links_to_what_is_hidden(two):
    contact = two.other.create('contacts', name={'family': 'Zebrafish'})
    mine = two.me.create('deals', name='With people', stage=two.stage)
    reply = two.me.request('PATCH', '/deals/' + mine['id'], {'contacts': [{'object': 'contact', 'id': contact['id']}]})
    assert 400 <= reply.status < 500, reply
    two.api.patch('/deals/' + mine['id'], {'contacts': [{'object': 'contact', 'id': contact['id']}]})
    assert 'Zebrafish' not in two.me.request('GET', '/deals/' + mine['id']).text


def test_files_of_others(two):
    sent = two.other.request('POST', '/files', b'secret bytes', headers={'X-File-Name': 'zebrafish.txt', 'Content-Type': 'text/plain'},
                             about='account:' + two.account['id'])
    assert sent.status == 201, sent
    record = sent.json['id']
    for path in ('/files/' + record, '/files/%s/content' % record, '/files/%s/history' % record):
        reply = two.me.request('GET', kith.BASE + path)
        assert reply.status == 404, (path, reply)
        assert b'secret' not in reply.body
    reply = two.me.request('POST', kith.BASE + '/files', b'x', headers={'X-File-Name': 'x.txt'}, about='account:' + two.account['id'])
    assert 400 <= reply.status < 500, reply


@pytest.mark.parametrize('name', ['a%00b', '%ff', '%0d%0aX-Evil:%201', '../../etc/passwd', 'x' * 1000, '%'])
def test_file_names(api, name):
    reply = api.request('POST', kith.BASE + '/files', b'bytes', headers={'X-File-Name': name})
    if reply.status != 201:
        assert_problem(reply, 400, 422)
        return
    got = api.request('GET', kith.BASE + '/files/%s/content' % reply.json['id'])
    assert got.status == 200 and got.body == b'bytes' and 'x-evil' not in got.headers
    assert got.headers['content-disposition'].startswith('attachment') and got.headers['x-content-type-options'] == 'nosniff'


def test_private_views_of_others(two):
    view = two.other.create('saved_views', name='Zebrafish view', object='account', filter="name == 'Zebrafish'")
    assert two.me.request('GET', '/saved_views/' + view['id']).status == 404
    assert two.me.request('PATCH', '/saved_views/' + view['id'], {'name': 'x'}).status in (403, 404)
    assert 'Zebrafish view' not in two.me.request('GET', '/saved_views').text


def test_feed_does_not_tell_of_what_is_hidden(two):
    events = two.me.events('/feed', seconds=1.5, watch='account:%s,account:%s' % (two.account['id'], two.mine['id']))
    two.other.patch('/accounts/' + two.account['id'], {'outside_id': 'told%d' % kith.serial()})
    assert two.account['id'] not in json.dumps(list(events))
    two.account = two.other.get('/accounts/' + two.account['id'])


def test_only_administrators_administrate(two):
    for method, path, body in (('POST', '/users', {'name': 'Evil', 'email': 'evil@example.com'}), ('PATCH', '/users/' + two.id, {'role': None}),
                               ('POST', '/roles', {'name': 'x', 'key': 'x', 'rights': {'administrator': True}}), ('GET', '/api_keys', None),
                               ('PATCH', '/me', {'role': None}), ('PATCH', '/me', {'team': None, 'role': 'x'}), ('POST', '/demo', {'size': 'small'}),
                               ('POST', '/own_companies', {'name': 'x'}), ('POST', '/rates', {'currency': 'x', 'rate': '1'})):
        reply = two.me.request(method, path, body)
        assert reply.status in (400, 403, 404, 405, 422) or method == 'GET' and 'key_hash' not in reply.text and reply.json['data'] == [], (method, path, reply)
    assert two.api.get('/users/' + two.id)['role']['label'] == 'Own only'


def test_secrets_never_leave(two):
    for path in ('/users', '/api_keys', '/changes?limit=1000', '/meta', '/me', '/openapi.json'):
        text = two.api.request('GET', path).text
        assert 'argon2' not in text and '$argon' not in text, path
    for params in ({'fields': 'password'}, {'filter': "password != ''"}, {'order_by': 'password'}, {'fields': 'password_hash'}):
        assert_problem(two.api.request('GET', '/users', **params), 400)


# --- sessions ----------------------------------------------------------------------------------------------------------


@pytest.mark.any_database
def test_writes_from_another_site(server):
    client = server.login()
    for origin in ('http://evil.example', 'null', server.url + '.evil.example', server.url.replace('127.0.0.1', 'localhost'), 'https' + server.url[4:]):
        assert_problem(client.request('POST', '/accounts', {'name': 'CSRF'}, headers={'Origin': origin}), 403)
    assert_problem(client.request('POST', '/accounts', {'name': 'CSRF'}, headers={'Origin': None, 'Sec-Fetch-Site': 'cross-site'}), 403)
    assert_problem(client.request('POST', '/accounts', {'name': 'CSRF'}, headers={'Origin': None}), 403)
    assert server.client().list('accounts', filter="name == 'CSRF'") == []


def test_a_session_is_never_the_one_brought_along(server):
    client = server.anonymous()
    client.cookie = 'kith_session=' + 'A' * 43
    client.post('/session', {'email': kith.ADMIN, 'password': kith.PASSWORD}, expect=200)
    assert client.cookie != 'kith_session=' + 'A' * 43
    first = client.cookie
    client.post('/session', {'email': kith.ADMIN, 'password': kith.PASSWORD}, expect=200)
    assert client.cookie != first
    old = server.anonymous()
    old.cookie = 'kith_session=' + 'A' * 43
    assert old.request('GET', '/me').status == 401


def test_a_session_ends(server):
    client = server.login()
    cookie = client.cookie
    client.delete('/session', expect=204)
    again = server.anonymous()
    again.cookie = cookie
    assert again.request('GET', '/me').status == 401


@pytest.mark.any_database
@pytest.mark.parametrize('cookie', ['kith_session=', 'kith_session=' + 'x' * 3000, 'kith_session=%00', 'kith_session="a"', ';;;=;', 'kith_session'])
def test_cookies(server, cookie):
    client = server.anonymous()
    client.cookie = cookie
    assert client.request('GET', '/me').status in (400, 401)


def test_guessing_is_slowed(make_server):
    """By account and by address; the right password waits as well, others' sign-in goes on."""
    server = make_server()
    server.installation.add_user('victim@example.com')
    statuses = [server.anonymous().request('POST', '/session', {'email': 'victim@example.com', 'password': 'guess %d' % i}).status
                for i in range(9)]
    assert statuses[0] == 401 and statuses[-1] == 429, statuses
    reply = server.anonymous().request('POST', '/session', {'email': 'victim@example.com', 'password': kith.PASSWORD})
    assert_problem(reply, 429)
    assert int(reply.headers['retry-after']) >= 1
    assert server.login().get('/me')


def test_host_is_ours(make_server):
    server = make_server('--public-url', 'https://crm.example.com')
    client = server.client()
    assert_problem(client.request('GET', '/accounts', headers={'Host': 'evil.example'}), 421)
    assert client.request('GET', '/accounts', headers={'Host': 'crm.example.com'}).status == 200


# --- many at once ------------------------------------------------------------------------------------------------------


def test_deep_work_is_refused(api):
    assert_problem(api.request('POST', '/accounts:batchCreate', {'data': [{'name': 'x'}] * 1001}), 400, 413, 422)
    assert_problem(api.request('POST', '/accounts', {'name': 'x', 'tags': ['t%d' % i for i in range(1000)]}), 413, 422)
    assert_problem(api.request('GET', '/accounts', page_size=100000), 400)
    assert_problem(api.request('GET', '/accounts', page_size=0), 400)
    assert_problem(api.request('GET', '/accounts', page_size='9' * 40), 400)
    reply = api.request('GET', '/search', q='a ' * 1000)
    assert reply.status in (200, 400), reply

# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks by the Standard Webhooks specification: what is sent and by whose rights, signatures (checked by the reference
library), attempts, pauses, replay, what may not be reached, and that a killed server loses nothing."""
import http.server
import json
import socket
import subprocess
import threading
import time

import kith
import pytest
from kith import wait_for

WAITS = '150 250 350'  # between attempts, ms


class Receiver:
    """A web server that keeps what it gets.  `answers`: path to a status, (status, headers, body), or a function of the
    requests of that path so far that gives one; others get 200."""

    def __init__(self, answers=None):
        self.got, self.answers, self.lock = [], answers or {}, threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                with receiver.lock:
                    receiver.got.append({'path': self.path, 'headers': {k.lower(): v for k, v in self.headers.items()},
                                         'body': body, 'at': time.time()})
                answer = receiver.answers.get(self.path, 200)
                if callable(answer):
                    answer = answer(receiver.at(self.path))
                status, headers, reply = answer if isinstance(answer, tuple) else (answer, {}, b'thanks')
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header('Content-Length', str(len(reply)))
                    self.end_headers()
                    self.wfile.write(reply)
                except OSError:
                    pass  # we were too slow for it

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 128

            def handle_error(self, *_):
                pass
        self.server = Server(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, path):
        with self.lock:
            return [g for g in self.got if g['path'] == path]

    def events(self, path):
        return [json.loads(g['body']) for g in self.at(path)]

    def wait(self, path, n=1, seconds=10):
        wait_for(lambda: len(self.at(path)) >= n, seconds, 0.02)
        return self.at(path)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture(scope='module')
def hooked(db, postgres):
    """A server that may reach receivers here and tries again soon."""
    installation = kith.install(postgres if db == 'postgres' else None)
    running = kith.Server(installation, '--webhooks-private', 'on', '--test-webhooks', WAITS)
    yield running
    try:
        running.stop()
    finally:
        installation.remove()


@pytest.fixture
def admin(hooked):
    client = hooked.client()
    yield client
    for webhook in client.list('webhooks'):
        client.delete('/webhooks/' + webhook['id'])
    client.close()


def add(client, receiver, path, *events, **more):
    return client.create('webhooks', **dict({'name': path.strip('/'), 'url': receiver.url + path, 'events': list(events),
                                             'plain_http': True}, **more))


def log(client, webhook, **params):
    return client.get('/webhooks/%s/deliveries' % webhook['id'], **params)['data']


def ended(client, webhook, n=1, state='sent'):
    return wait_for(lambda: (lambda all: all if len(all) >= n else None)(log(client, webhook, state=state)), 10, 0.03)


def verify(*got):
    """What the reference library says of (secret, request) pairs."""
    lines = [json.dumps({'secret': secret, 'headers': g['headers'], 'body': g['body'].decode()}) for secret, g in got]
    done = subprocess.run(['node', 'tests/api/verify_webhook.mjs'], cwd=kith.ROOT, input='\n'.join(lines) + '\n',
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.split('\n')[:-1]


def test_what_is_sent_is_signed_and_says_what_changed(admin, receiver):
    webhook = add(admin, receiver, '/all', 'account.*', 'contact.created')
    assert webhook['secret'].startswith('whsec_') and webhook['state'] == 'active'
    account = admin.create('accounts', name='Łódź Mill', kind='company')
    admin.patch('/accounts/' + account['id'], {'name': 'Łódź Mills', 'class': 'A'})
    admin.delete('/accounts/' + account['id'])
    admin.post('/accounts/%s:restore' % account['id'])
    admin.create('products', name='Not wanted', code='NW%d' % kith.serial())
    admin.create('contacts', name={'given': 'Ewa', 'family': 'Lis'}, account=account['id'])
    got = receiver.wait('/all', 5)
    told = sorted((json.loads(g['body']) for g in got), key=lambda e: (e['timestamp'], e['type']))
    assert sorted(e['type'] for e in told) == ['account.created', 'account.deleted', 'account.restored', 'account.updated',
                                               'contact.created']
    by_type = {e['type']: e['data'] for e in told}
    assert by_type['account.created']['name'] == 'Łódź Mill' and by_type['account.created']['version'] == 1
    assert by_type['account.updated']['name'] == 'Łódź Mills'
    assert sorted(by_type['account.updated']['changed']) == ['class', 'name', 'rhythm_days', 'touch_due']
    assert by_type['account.deleted']['deleted_at'] and by_type['account.deleted']['id'] == account['id']
    assert by_type['account.restored']['deleted_at'] is None
    assert by_type['contact.created']['account']['label'] == 'Łódź Mills'
    for g in got:
        assert g['headers']['content-type'] == 'application/json' and g['headers']['user-agent'].startswith('Kith/')
        assert abs(int(g['headers']['webhook-timestamp']) - time.time()) < 60
        assert g['headers']['webhook-signature'].count('v1,') == 1
    assert len({g['headers']['webhook-id'] for g in got}) == 5
    forged = dict(got[1], body=got[1]['body'].replace(b'Mill', b'Pill'))
    other = 'whsec_' + 'A' * 43 + '='
    assert verify(*[(webhook['secret'], g) for g in got], (other, got[0]), (webhook['secret'], forged)) == \
        ['ok'] * 5 + ['No matching signature found'] * 2


def test_a_rotated_secret_signs_beside_the_old_one(admin, receiver):
    webhook = add(admin, receiver, '/rotate', 'account.created')
    new = admin.post('/webhooks/%s:rotate' % webhook['id'])['secret']
    assert new.startswith('whsec_') and new != webhook['secret']
    admin.create('accounts', name='Rotated')
    got, = receiver.wait('/rotate')
    assert got['headers']['webhook-signature'].count('v1,') == 2
    assert verify((webhook['secret'], got), (new, got)) == ['ok', 'ok']


def test_secrets_never_come_back(admin, hooked, receiver):
    webhook = add(admin, receiver, '/secret', 'account.created')
    secret = webhook['secret']
    record = admin.get('/webhooks/' + webhook['id'])
    assert 'secret' not in record and 'old_secret' not in record
    new = admin.post('/webhooks/%s:rotate' % webhook['id'])['secret']
    shown = [admin.get('/webhooks'), admin.get('/webhooks/%s/history' % webhook['id']), admin.get('/changes', limit=1000),
             admin.get('/webhooks:overview'), admin.get('/meta')['objects'][0]]
    for text in [json.dumps(s) for s in shown] + [hooked.log]:
        assert secret not in text and new not in text
    assert admin.get('/webhooks', filter="secret != ''", expect=400)
    assert admin.patch('/webhooks/' + webhook['id'], {'secret': 'whsec_mine'}, expect=422)


def test_attempts_go_on_until_one_succeeds(admin, receiver):
    receiver.answers['/flaky'] = lambda got: 500 if len(got) < 3 else 204
    webhook = add(admin, receiver, '/flaky', 'account.created')
    admin.create('accounts', name='Flaky')
    delivery, = ended(admin, webhook)
    assert (delivery['attempts'], delivery['status'], delivery['error']) == (3, 204, None)
    got = receiver.at('/flaky')
    assert len({g['headers']['webhook-id'] for g in got}) == 1 and len({g['body'] for g in got}) == 1
    assert got[1]['at'] - got[0]['at'] > 0.14 and got[2]['at'] - got[1]['at'] > 0.24
    overview, = [w for w in admin.get('/webhooks:overview')['data'] if w['webhook'] == webhook['id']]
    assert overview['waiting'] == overview['failed'] == 0 and overview['last']['id'] == delivery['id']


def test_one_that_wants_no_more_is_paused_at_once(admin, receiver):
    receiver.answers['/gone'] = 410
    webhook = add(admin, receiver, '/gone', 'account.created')
    admin.create('accounts', name='Gone')
    paused = wait_for(lambda: (lambda w: w if w['state'] == 'paused' else None)(admin.get('/webhooks/' + webhook['id'])))
    assert paused['reason'] == 'gone' and paused['paused_at']
    assert len(receiver.at('/gone')) == 1
    receiver.answers['/gone'] = 200
    admin.create('accounts', name='While it is paused')
    time.sleep(0.3)
    assert len(receiver.at('/gone')) == 1
    resumed = admin.patch('/webhooks/' + webhook['id'], {'state': 'active'})
    assert resumed['reason'] is None
    receiver.wait('/gone', 2)  # what happened meanwhile is told then
    assert receiver.events('/gone')[1]['data']['name'] == 'While it is paused'


def test_the_last_attempt_pauses_and_replay_sends_again(admin, receiver):
    receiver.answers['/dead'] = (503, {}, b'\xff\x00down ' + b'x' * 3000)
    webhook = add(admin, receiver, '/dead', 'account.created')
    admin.create('accounts', name='Dead')
    failed, = ended(admin, webhook, state='failed')
    assert failed['attempts'] == 4 and failed['status'] == 503 and failed['error'] == 'status'
    assert failed['reply'].startswith('??down xxx') and len(failed['reply']) == 1000
    assert admin.get('/webhooks/' + webhook['id'])['reason'] == 'failing'
    receiver.answers['/dead'] = 200
    assert admin.post('/webhooks/%s:replay' % webhook['id'], {'delivery': failed['id']}) == {'count': 1}
    delivery, = ended(admin, webhook)  # also while it is paused
    assert delivery['id'] == failed['id'] and delivery['message'] == failed['message']
    whole = admin.get('/webhook_deliveries/' + failed['id'])
    assert json.loads(whole['body'])['data']['name'] == 'Dead'
    assert admin.post('/webhooks/%s:replay' % webhook['id'], {'since': '2020-01-01T00:00:00Z'}) == {'count': 0}
    admin.post('/webhooks/%s:replay' % webhook['id'], {}, expect=422)
    admin.post('/webhooks/%s:replay' % webhook['id'], {'delivery': webhook['id']}, expect=404)


def test_all_that_failed_is_sent_again(admin, receiver):
    receiver.answers['/odd'] = lambda got: 500 if b'Odd' in got[-1]['body'] else 200
    webhook = add(admin, receiver, '/odd', 'account.created')
    for name in ('Odd 1', 'Odd 2', 'Even'):
        admin.create('accounts', name=name)
    ended(admin, webhook, 2, 'failed')
    receiver.answers['/odd'] = 200
    assert admin.post('/webhooks/%s:replay' % webhook['id'], {'since': '2020-01-01T00:00:00Z'}) == {'count': 2}
    assert len(ended(admin, webhook, 3)) == 3


def test_the_command_line(admin, hooked, receiver):
    receiver.answers['/cli'] = 410
    webhook = add(admin, receiver, '/cli', 'account.created')
    admin.create('accounts', name='By the command line')
    wait_for(lambda: admin.get('/webhooks/' + webhook['id'])['reason'] == 'gone')
    line, = [json.loads(text) for text in hooked.cli('webhook', 'list', '--json').stdout.splitlines()]
    assert line == {'id': webhook['id'], 'name': 'cli', 'url': webhook['url'], 'state': 'paused', 'reason': 'gone', 'waiting': 0,
                    'failed': 1}
    receiver.answers['/cli'] = 200
    told = hooked.cli('webhook', 'replay', 'cli', '--since', '2020-01-01T00:00:00Z', '--json').stdout
    assert json.loads(told) == {'count': 1}
    ended(admin, webhook)
    hooked.cli('webhook', 'resume', webhook['id'])
    hooked.cli('webhook', 'test', 'cli')
    assert len(ended(admin, webhook, 2)) == 2
    hooked.cli('webhook', 'pause', 'cli')
    assert admin.get('/webhooks/' + webhook['id'])['reason'] == 'person'
    hooked.cli('webhook', 'pause', 'nobody', expect=1)
    hooked.cli('webhook', 'replay', 'cli', expect=2)


def test_a_receiver_that_asks_to_wait_is_left_alone(admin, receiver):
    receiver.answers['/busy'] = lambda got: (429, {'Retry-After': '1'}, b'') if len(got) == 1 else 200
    webhook = add(admin, receiver, '/busy', 'account.created')
    admin.create('accounts', name='Busy')
    receiver.wait('/busy')
    admin.create('accounts', name='Busy too')
    ended(admin, webhook, 2)
    got = receiver.at('/busy')
    assert got[1]['at'] - got[0]['at'] > 0.9


def test_a_test_is_sent_once_also_while_paused(admin, receiver):
    webhook = add(admin, receiver, '/test', 'account.created', state='paused')
    receiver.answers['/test'] = 500
    assert webhook['reason'] == 'person'
    id = admin.post('/webhooks/%s:test' % webhook['id'])['delivery']
    failed, = ended(admin, webhook, state='failed')
    assert failed['id'] == id and failed['attempts'] == 1 and failed['event'] == 'webhook.test'
    receiver.answers['/test'] = 200
    admin.post('/webhooks/%s:test' % webhook['id'])
    ended(admin, webhook)
    event = receiver.events('/test')[1]
    assert event['type'] == 'webhook.test' and event['data'] == {'webhook': 'test'}


def test_slow_and_endless_receivers_delay_nobody(admin, receiver):
    slow = threading.Event()
    receiver.answers['/slow'] = lambda got: slow.wait(8) and 200 or 200
    receiver.answers['/long'] = (200, {}, b'y' * 500000)
    receiver.answers['/away'] = (302, {'Location': receiver.url + '/stolen'}, b'')
    webhooks = {p: add(admin, receiver, '/' + p, 'account.created') for p in ('slow', 'long', 'away', 'quick')}
    for n in range(6):
        admin.create('accounts', name='Many %d' % n)
    start = time.time()
    receiver.wait('/quick', 6)
    assert time.time() - start < 2
    assert len(receiver.at('/slow')) == 4  # so many at a time
    assert ended(admin, webhooks['long'], 6)[0]['status'] == 200
    refused = ended(admin, webhooks['away'], 1, 'failed')
    assert {(d['status'], d['error']) for d in refused} == {(302, 'status')}
    assert not receiver.at('/stolen')
    assert wait_for(lambda: [d for d in log(admin, webhooks['slow']) if d['error'] == 'timeout'])
    slow.set()


def test_the_owner_decides_what_is_told(admin, hooked, receiver):
    role = admin.create('roles', name='Robot %d' % kith.serial(), rights={
        'account': {'read': 'own', 'fields': {'class': 'hidden'}}, 'masked': False})
    robot = admin.create('users', name='Robot', email='robot%d@example.com' % kith.serial(), role=role['id'])
    webhook = add(admin, receiver, '/robot', 'account.*', owner=robot['id'])
    phones = [{'value': '+48601234567', 'label': 'work', 'main': True}]
    admin.create('accounts', name='Not his', **{'class': 'A'})
    account = admin.create('accounts', name='His', owner=robot['id'], phones=phones, **{'class': 'A'})
    receiver.wait('/robot')
    event, = receiver.events('/robot')
    assert event['data']['id'] == account['id'] and 'class' not in event['data'] and 'class' not in event['data']['changed']
    assert event['data']['phones'][0]['value'].endswith('4567') and '•' in event['data']['phones'][0]['value']
    admin.patch('/users/' + robot['id'], {'is_active': False})
    admin.patch('/accounts/' + account['id'], {'name': 'His still'})
    wait_for(lambda: admin.get('/webhooks/' + webhook['id'])['reason'] == 'owner')
    assert len(receiver.at('/robot')) == 1


def test_a_condition_chooses(admin, receiver):
    webhook = add(admin, receiver, '/filter', 'account.*', filter="class == 'A' && name.startsWith('Key')")
    quick = admin.create('accounts', name='Key one', **{'class': 'A'})
    admin.patch('/accounts/' + quick['id'], {'class': 'B'})  # at once: the first state is still told
    admin.create('accounts', name='Other', **{'class': 'A'})
    admin.create('accounts', name='Key two', **{'class': 'A'})
    ended(admin, webhook, 2)
    assert sorted((e['type'], e['data']['name'], e['data']['class']) for e in receiver.events('/filter')) == \
        [('account.created', 'Key one', 'A'), ('account.created', 'Key two', 'A')]


def test_imports_are_not_told_nor_taking_them_back(admin, hooked, receiver, tmp_path):
    webhook = add(admin, receiver, '/import', 'account.*')
    path = tmp_path / 'accounts.csv'
    path.write_text('name\nImported 1\nImported 2\n')
    run = json.loads(hooked.cli('import', 'account', str(path), '--json').stdout.splitlines()[-1])
    assert run['created'] == 2
    hooked.cli('import', 'undo', run['run'], '--json')
    hooked.cli('import', 'redo', run['run'], '--json')
    account = admin.create('accounts', name='After the import')
    admin.post('/undo')
    ended(admin, webhook, 2)
    time.sleep(0.2)
    assert sorted((e['type'], e['data']['id']) for e in receiver.events('/import')) == \
        [('account.created', account['id']), ('account.deleted', account['id'])]


def test_who_may(admin, hooked, receiver):
    webhook = add(admin, receiver, '/who', 'account.created')
    sales = hooked.add_user(role='sales')
    body = {'name': 'Mine', 'url': 'https://example.com/', 'events': ['account.created']}
    for path in ('/webhooks/' + webhook['id'], '/webhooks/%s/history' % webhook['id']):
        sales.get(path, expect=404)
    assert sales.get('/webhooks', expect=None).get('data', []) == []
    sales.post('/webhooks', body, expect=403)
    sales.get('/webhooks:overview', expect=403)
    sales.get('/webhooks/%s/deliveries' % webhook['id'], expect=403)
    sales.patch('/webhooks/' + webhook['id'], {'name': 'x'}, expect=404)
    sales.post('/webhooks/%s:rotate' % webhook['id'], expect=403)
    sales.post('/webhooks/%s:test' % webhook['id'], expect=404)
    sales.post('/webhooks:batchCreate', {'data': [body]}, expect=403)
    # Not even with the right: what a webhook sends is what its owner may see.
    role = admin.create('roles', name='Almost %d' % kith.serial(), rights={
        'webhook': {v: 'all' for v in ('create', 'read', 'update', 'delete')}})
    almost = hooked.add_user(role=role['name'])
    assert almost.get('/webhooks/' + webhook['id'])['name'] == 'who'
    almost.patch('/webhooks/' + webhook['id'], {'url': 'https://example.com/'}, expect=403)
    almost.post('/webhooks:batchCreate', {'data': [body]}, expect=403)
    for action in ('test', 'rotate', 'replay'):
        almost.post('/webhooks/%s:%s' % (webhook['id'], action), {'since': '2020-01-01T00:00:00Z'} if action == 'replay' else None,
                    expect=403)


def test_what_is_refused_when_saved(admin, receiver):
    def refused(field, **more):
        fields = dict({'name': 'No', 'url': 'https://example.com/hook', 'events': ['account.created']}, **more)
        problem = admin.post('/webhooks', fields, expect=422)
        return {e['field']: e['code'] for e in problem['errors']}[field]
    assert refused('url', url='http://example.com/') == 'webhook.http'
    assert refused('url', url='https://user:pass@example.com/') == 'webhook.login'
    assert refused('url', url='ftp://example.com/')
    assert refused('url', url='https://example.com/\r\nX-Evil: 1')
    assert refused('events', events=['nothing.created']) == 'webhook.event'
    assert refused('events', events=['account.exploded']) == 'webhook.event'
    assert refused('events', events=[])
    assert refused('filter', filter='name == ') == 'cel.syntax'
    assert refused('filter', filter='nothing == 1')
    assert refused('filter', filter="name == 'x'", events=['account.created', 'contact.created']) == 'webhook.filter'
    admin.post('/webhooks', {'name': 'Yes', 'url': 'https://example.com/hook', 'events': ['*']}, expect=201)


def test_changes_of_a_webhook_hold_at_once(admin, receiver):
    webhook = add(admin, receiver, '/before', 'account.created')
    admin.patch('/webhooks/' + webhook['id'], {'url': receiver.url + '/after', 'events': ['contact.created']})
    admin.create('accounts', name='Not wanted any more')
    admin.create('contacts', name={'family': 'Wanted'})
    receiver.wait('/after')
    assert [e['type'] for e in receiver.events('/after')] == ['contact.created'] and not receiver.at('/before')
    receiver.answers['/after'] = 500
    admin.create('contacts', name={'family': 'Last'})
    receiver.wait('/after', 2)
    admin.delete('/webhooks/' + webhook['id'])
    n = len(receiver.at('/after'))
    admin.create('contacts', name={'family': 'Nobody hears of'})
    time.sleep(0.7)
    assert len(receiver.at('/after')) <= n + 1  # one may have been on its way


def test_near_addresses_are_not_reached(make_server, receiver):
    server = make_server('--test-webhooks', '50')
    api = server.client()
    port = receiver.server.server_port
    for host in ('127.0.0.1', 'localhost', '[::1]', '0x7f.0.0.1', '[::ffff:127.0.0.1]', '169.254.169.254'):
        problem = api.post('/webhooks', {'name': 'Near', 'url': 'http://%s:%d/near' % (host, port), 'plain_http': True,
                                         'events': ['account.created']}, expect=422)
        assert problem['errors'][0]['code'] == 'webhook.private'
    # A name that means this machine can only be seen when it is resolved.
    name = next((n for n in (socket.gethostname(), 'ip6-localhost', 'localhost.localdomain') if means_here(n)), None)
    if not name:
        pytest.skip('no name here means this machine')
    webhook = api.create('webhooks', name='By name', url='http://%s:%d/near' % (name, port), plain_http=True,
                         events=['account.created'])
    api.create('accounts', name='Secret')
    failed, = ended(api, webhook, state='failed')
    assert failed['error'] == 'private' and failed['status'] is None
    assert not receiver.got


def means_here(name):
    try:
        found = {a[4][0] for a in socket.getaddrinfo(name, 80)}
    except OSError:
        return False
    return name != 'localhost' and all(a.startswith(('127.', '::1', '10.', '172.', '192.168.')) for a in found)


def test_a_killed_server_loses_nothing(make_server, receiver):
    server = make_server('--webhooks-private', 'on', '--test-webhooks', WAITS)
    api = server.client()
    receiver.answers['/kill'] = lambda got: time.sleep(0.02) or 200
    webhook = add(api, receiver, '/kill', 'account.created')
    made = [api.create('accounts', name='Kept %d' % n)['id'] for n in range(30)]
    wait_for(lambda: len(receiver.at('/kill')) > 5, every=0.005)
    server.kill()
    before = len(receiver.at('/kill'))
    server.start()
    api = server.client()
    made.append(api.create('accounts', name='Kept after')['id'])
    wait_for(lambda: {e['data']['id'] for e in receiver.events('/kill')} >= set(made), 15)
    assert before < 31
    ids = {}
    for g in receiver.at('/kill'):
        ids.setdefault(json.loads(g['body'])['data']['id'], set()).add(g['headers']['webhook-id'])
    assert all(len(i) == 1 for i in ids.values())  # sent again is the same message
    wait_for(lambda: len(log(api, webhook, state='sent', page_size=200)) == 31)


def test_processes_share_the_work(make_server, receiver, db):
    if db != 'postgres':
        pytest.skip('several processes only on PostgreSQL')
    first = make_server('--webhooks-private', 'on')
    second = make_server('--webhooks-private', 'on', installation=first.installation.sibling())
    api, other = first.client(), second.client()
    add(api, receiver, '/shared', 'account.created')
    made = {c.create('accounts', name='Shared %d' % n)['id'] for n in range(10) for c in (api, other)}
    receiver.wait('/shared', 20)
    time.sleep(0.5)
    assert sorted(e['data']['id'] for e in receiver.events('/shared')) == sorted(made)  # each once


def test_after_a_restore_nothing_is_sent_until_told(hooked, admin, receiver):
    webhook = add(admin, receiver, '/restored', 'account.created')
    hooked.installation.sql("INSERT INTO setting (name, value) VALUES ('jobs_paused', '1')")
    time.sleep(0.3)  # a round that had begun when another process wrote this, as no restore does, ends
    admin.create('accounts', name='After the restore')
    admin.post('/webhooks/%s:test' % webhook['id'])
    time.sleep(0.4)
    assert not receiver.at('/restored') and admin.get('/webhooks:overview')['jobs_paused_at']
    admin.post('/jobs:resume')
    receiver.wait('/restored', 2)

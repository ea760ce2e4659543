# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of choices change while the program serves: the change is a record, logged and undoable; who has begun by the
old metadata ends by it, and every process works by the new one when it next writes."""
import json
import threading
import time

import kith
import pytest

ROLE = '{"*":{"read":"all","create":"all","update":"all"}}'


def field(client, name='size', plural='accounts', object='account', lang=None):
    meta = client.get('/meta', **({'lang': lang} if lang else {}))
    found = next(o for o in meta['objects'] if o['name'] == object)
    return meta['generation'], next(f for f in found['fields'] if f['name'] == name)


def option(client, value, lang=None, **kw):
    return next((o for o in field(client, lang=lang, **kw)[1]['options'] if o['value'] == value), None)


def change(client, options=(), path='/meta/accounts/size', **more):
    return client.patch(path, dict(options=list(options), **more))


def test_an_option_is_added_renamed_coloured_hidden_and_undone(server, api):
    before, _ = field(api)
    reply = change(api, [{'label': {'pl': 'Strategiczny'}, 'color': 'violet'}])
    assert reply['generation'] > before and reply['batch']
    made = reply['options'][-1]
    assert made == {'value': 'strategiczny', 'label': 'Strategiczny', 'color': 'violet', 'hidden': False, 'own': True,
                    'labels': {'en': 'Strategiczny', 'ru': 'Strategiczny', 'pl': 'Strategiczny'}}
    key = made['value']
    assert option(api, key)['label'] == 'Strategiczny'
    account = api.create('accounts', name='First of the new kind', size=key)
    assert account['size'] == key
    assert api.list('accounts', filter="size == '%s'" % key)[0]['id'] == account['id']

    change(api, [{'value': key, 'label': {'en': 'Strategic', 'ru': 'Стратегический'}, 'hidden': True}])
    assert option(api, key, lang='ru')['label'] == 'Стратегический' and option(api, key, lang='pl')['label'] == 'Strategiczny'
    assert option(api, key)['hidden']
    record = api.list('choice_options', filter="key == '%s'" % key)[0]
    history = api.get('/choice_options/%s/history' % record['id'])['data']
    assert [h['kind'] for h in history] == ['update', 'create'] and history[0]['actor']['label']
    assert {c['field'] for c in history[0]['changes']} == {'label_en', 'label_ru', 'hidden'}

    api.post('/batches/%s:undo' % history[0]['batch'])
    assert option(api, key)['label'] == 'Strategiczny' and not option(api, key)['hidden']
    api.post('/batches/%s:undo' % reply['batch'])
    gone = option(api, key)
    assert gone['hidden'] and gone['label'] == 'Strategiczny', 'the record that has it still says what it is'
    assert api.get('/accounts/' + account['id'])['size'] == key
    api.patch('/accounts/' + account['id'], {'name': 'Still changes'})


def test_a_declared_option_changes_and_goes_back(server, api):
    _, f = field(api)
    f['options'] = [o for o in f['options'] if not o['hidden']]  # without what other tests have taken back
    first, last = f['options'][0], f['options'][-1]
    change(api, [{'value': first['value'], 'label': 'Renamed', 'color': 'red'}],
           order=[o['value'] for o in reversed(f['options'])])
    now = [o for o in field(api)[1]['options'] if not o['hidden']]
    assert now[-1]['label'] == 'Renamed' and now[-1]['color'] == 'red' and now[0]['value'] == last['value']
    assert api.get('/openapi.json')['openapi'].startswith('3.1')
    change(api, [{'value': o['value'], 'reset': True} for o in f['options']])
    assert [o for o in field(api)[1]['options'] if not o['hidden']] == f['options']


def test_what_is_refused(server, api):
    def errors(reply):
        return [(e['field'], e['code']) for e in reply['errors']]

    add = {'label': 'X'}
    key = field(api)[1]['options'][0]
    assert errors(api.patch('/meta/accounts/size', {'options': [dict(add, value='Big Key')]}, expect=422))[0][0] == 'key'
    assert errors(api.patch('/meta/accounts/size', {'options': [{'value': 'fresh'}]}, expect=422))[0][0] == 'label_en'
    assert errors(api.patch('/meta/accounts/size', {'options': [{'label': key['label']}]}, expect=422))[0][0] == 'label_en'
    assert errors(api.patch('/meta/import_runs/state', {'options': [add]}, expect=422))[0][0] == 'field'
    assert api.patch('/meta/accounts/size', {'options': [{'value': key['value'], 'color': 'pink'}]}, expect=422)
    assert api.patch('/meta/accounts/size', {'options': [{'colour': 'red'}]}, expect=400)
    assert api.patch('/meta/accounts/name', {'options': [add]}, expect=404)
    assert api.patch('/meta/nothing/name', {'options': [add]}, expect=404)
    made = api.create('choice_options', object='account', field='size', key='by_hand', label_en='By hand')
    assert option(api, 'by_hand')['label'] == 'By hand'
    assert api.patch('/choice_options/' + made['id'], {'key': 'other'}, expect=422)
    assert api.delete('/choice_options/' + made['id'], expect=204) is None
    assert option(api, 'by_hand')['hidden']


def test_rights(server, api):
    server.cli('role', 'set', 'seller_of_options', '--rights', ROLE)
    server.add_user('seller@example.com', role='seller_of_options')
    seller = server.client('seller@example.com')
    before = seller.get('/meta/accounts/size')
    assert before['write'] is False and before['options']
    assert seller.patch('/meta/accounts/size', {'options': [{'label': 'Mine'}]}, expect=403)
    assert seller.post('/choice_options', {'object': 'account', 'field': 'size', 'key': 'mine', 'label_en': 'Mine'}, expect=403)
    server.cli('role', 'set', 'blind', '--rights', '{"account":{"read":"none"},"*":{"read":"all"}}')
    server.add_user('blind@example.com', role='blind')
    assert server.client('blind@example.com').get('/meta/accounts/size', expect=404)
    server.cli('role', 'set', 'seller_of_options', '--rights',
               ROLE[:-1] + ',"choice_option":{"create":"all","update":"all"}}')
    assert 'Mine' in [o['label'] for o in change(seller, [{'label': 'Mine'}])['options'] if o['own']]


def test_streams_are_told(server, api):
    seen = []
    listener = threading.Thread(target=lambda: seen.extend(api_events(server)))
    listener.start()
    time.sleep(0.3)
    generation = change(api, [{'label': 'Told %d' % kith.serial()}])['generation']
    listener.join()
    assert ('meta', {'generation': generation}) in seen


def api_events(server):
    return list(server.client().events('/feed', seconds=1.5))


def test_requests_meet_a_swap(server, api):
    """Requests of all kinds while the metadata is swapped again and again: none fails, none sees half of it."""
    stop, failed = threading.Event(), []

    def loop(work):
        client = server.client()
        try:
            while not stop.is_set():
                work(client)
        except AssertionError as e:
            failed.append(e)
        client.close()

    def write(client):
        client.create('accounts', name='Swap %d' % kith.serial(), size='meets')

    def read(client):
        page = client.list('accounts', page_size=5, order_by='-created_at')
        assert all(r['label'] for r in page)

    def shape(client):
        assert option(client, 'meets')

    change(api, [{'value': 'meets', 'label': 'Meets'}])
    threads = [threading.Thread(target=loop, args=(w,)) for w in (write, write, read, shape)]
    for t in threads:
        t.start()
    for i in range(6):
        change(api, [{'value': 'meets', 'label': 'Meets %d' % i}])
        assert option(api, 'meets')['label'] == 'Meets %d' % i, 'the reply comes when the change holds'
    stop.set()
    for t in threads:
        t.join()
    assert not failed, failed
    assert len(api.all('accounts', filter="size == 'meets'")) > 2


def test_it_stays_after_a_kill(make_server):
    server = make_server()
    client = server.client()
    change(client, [{'value': 'lasting', 'label': 'Lasting'}])
    server.kill()
    server = make_server(installation=server.installation)
    assert option(server.client(), 'lasting')['label'] == 'Lasting'
    assert server.client().create('accounts', name='After', size='lasting')['size'] == 'lasting'


def test_a_second_process_follows(make_server, db):
    if db != 'postgres':
        return
    one = make_server()
    two = make_server(installation=one.installation.sibling())
    first, second = one.client(), two.client()
    assert not option(second, 'shared')
    change(first, [{'value': 'shared', 'label': 'Shared'}])
    made = second.create('accounts', name='In the other process', size='shared')
    assert made['size'] == 'shared', 'a write reads the generation first'
    change(second, [{'value': 'shared', 'label': 'Renamed there'}])
    kith.wait_for(lambda: option(first, 'shared')['label'] == 'Renamed there', 3)
    assert option(first, 'shared')['label'] == 'Renamed there', 'a process that only reads learns it from the log'


# --- imports ------------------------------------------------------------------------------------------------------------

ROWS = 'Name,Size\nOne,Gigantic\nTwo,medium\nThree,Tiny one\nFour,gigantic\nFive,N/A\n'
SHAPE = {'object': 'account', 'columns': {'Name': 'name', 'Size': 'size'}, 'mode': 'create'}


def upload(client, rows=ROWS):
    reply = client.request('POST', '/import_runs:upload?name=rows.csv', rows.encode(), headers={'Content-Type': 'text/csv'})
    assert reply.status == 201, reply.text
    return reply.json['id']


def operate(client, run, verb):
    operation = client.post('/import_runs/%s:%s' % (run, verb), {})
    return kith.wait_for(lambda: (lambda o: o['state'] in ('done', 'failed') and o)(client.get('/operations/' + operation['id'])), 60)


def test_an_import_adds_options(make_server):
    client = make_server().client()
    run = upload(client)
    mapping = dict(SHAPE, new_options=['size'], values={'size': {'N/A': ''}})
    client.post('/import_runs/%s:plan' % run, {'mapping': mapping})
    seen = operate(client, run, 'preview')['result']
    assert [(o['value'], o['rows'], o['field']) for o in seen['new_options']] == [('Gigantic', 2, 'size'), ('Tiny one', 1, 'size')]
    assert (seen['new'], seen['refused']) == (5, 0)
    assert 'Gigantic' in [c['after'] for s in seen['samples'] for c in s['changes']]
    generation, f = field(client)
    assert len(f['options']) == 4, 'a preview writes nothing'
    done = operate(client, run, 'start')['result']
    assert (done['created'], done['refused']) == (5, 0)
    assert any('Gigantic' in n['text'] and n['rows'] == 2 for n in done['notes'])
    assert option(client, 'gigantic')['label'] == 'Gigantic' and option(client, 'tiny_one')['label'] == 'Tiny one'
    assert {r['name']: r['size'] for r in client.all('accounts', filter="name in ['One', 'Two', 'Four', 'Five']")} == {
        'One': 'gigantic', 'Two': 'medium', 'Four': 'gigantic', 'Five': None}

    kept = client.list('accounts', filter="name == 'One'")[0]
    client.patch('/accounts/' + kept['id'], {'name': 'One, kept'})
    back = operate(client, run, 'undo')['result']
    assert [s['label'] for s in back['skipped']] == ['One, kept']
    assert option(client, 'gigantic')['hidden'] and option(client, 'tiny_one')['hidden']
    assert client.get('/accounts/' + kept['id'])['size'] == 'gigantic'
    operate(client, run, 'redo')
    assert not option(client, 'gigantic')['hidden']


def test_single_values_become_options(make_server, db, tmp_path):
    if db != 'sqlite':
        return
    server = make_server()
    client = server.client()
    run = upload(client)
    client.post('/import_runs/%s:plan' % run, {'mapping': dict(SHAPE, new_options={'size': ['Gigantic']})})
    done = operate(client, run, 'start')['result']
    assert (done['created'], done['refused']) == (3, 2)
    assert option(client, 'gigantic') and not option(client, 'tiny_one')
    refused = client.post('/import_runs/%s:plan' % upload(client), {'mapping': dict(SHAPE, columns={'Name': 'name', 'Size': 'name'},
                          new_options=['name'])}, expect=422)
    assert refused['errors'][0]['field'] == 'name'
    server.cli('role', 'set', 'loader', '--rights', '{"*":{"read":"all","create":"all","update":"all","mass":true}}')
    server.add_user('loader@example.com', role='loader')
    loader = server.client('loader@example.com')
    run = upload(loader)
    loader.post('/import_runs/%s:plan' % run, {'mapping': dict(SHAPE, new_options=['size'])})
    assert operate(loader, run, 'start')['state'] == 'failed'
    assert loader.get('/import_runs/' + run)['error'] == 'You have no right to add options to lists'

    (tmp_path / 'rows.csv').write_text('Name,Size\nSix,Colossal\nSeven,N/A\n')
    words = 'import', 'accounts', str(tmp_path / 'rows.csv'), '--add-options'
    assert 'new option "Colossal"' in server.cli(*words, '--dry-run').stdout and not option(client, 'colossal')
    assert 'new option "Colossal"' in server.cli(*words).stdout
    assert option(client, 'colossal') and option(client, 'n_a'), 'the command runs in the server that has the folder'


@pytest.mark.any_database
def test_the_command_line_changes_options(make_server):
    """What `kith meta` writes holds at once for the server that runs, and for the next command."""
    server = make_server()
    api = server.client()

    def meta(*args, **kw):
        return server.cli('meta', *args, **kw)
    assert any(json.loads(line) == {'object': 'account', 'field': 'size', 'options': len(field(api)[1]['options'])}
               for line in meta('--json').stdout.splitlines())
    made = [json.loads(line) for line in meta('add', 'account.size', '--en', 'By the command', '--ru', 'Командой', '--color', 'red', '--json').stdout.splitlines()][-1]
    assert made == {'value': 'by_the_command', 'en': 'By the command', 'ru': 'Командой', 'pl': 'By the command', 'color': 'red', 'hidden': False, 'own': True}
    account = kith.wait_for(lambda: api.request('POST', '/accounts', {'name': 'By command', 'size': 'by_the_command'}).status == 201)
    assert account and option(api, 'by_the_command', lang='ru')['label'] == 'Командой'
    meta('set', 'accounts.size', 'by_the_command', '--pl', 'Poleceniem', '--hide')
    kith.wait_for(lambda: option(api, 'by_the_command', lang='pl') ['label'] == 'Poleceniem')
    assert option(api, 'by_the_command')['hidden']
    names = [json.loads(line)['value'] for line in meta('show', 'account.size', '--json').stdout.splitlines()]
    meta('order', 'account.size', ','.join(reversed(names)))
    assert [line.split()[0] for line in meta('show', 'account.size').stdout.splitlines()] == names[::-1]
    meta('order', 'account.size', ','.join(names))
    meta('set', 'account.size', 'by_the_command', '--reset')
    for wrong in (('show', 'account.name'), ('set', 'account.size'), ('paint', 'account.size')):
        assert meta(*wrong, expect=2).stderr
    assert 'label' in meta('add', 'account.size', expect=1).stderr

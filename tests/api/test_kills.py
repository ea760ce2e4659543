# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL in the middle of long work: import, undo, merge of what thousands refer to, export, backup, restore, a change of the
tables.  After each the next start goes on or says what to do, nothing is there twice or by halves, and `kith check` is
content.  The ordinary suite takes a third of them each day, at another moment every day; make test-long kills hundreds of times."""
import json
import os
import random
import shutil
import subprocess
import time

import faults
import kith
import pytest
from conftest import IS_LONG
from test_import import do, finished, mapping_of, upload

TIMES = 20 if IS_LONG else 1
ROWS = 2000 if IS_LONG else 600


def in_turn(number):
    """Every third day, and in make test-long."""
    return pytest.mark.skipif(not IS_LONG and (number + faults.SEED) % 3 > 0, reason='its turn is another day')


def moment(salt, most):
    """Seconds to wait before the kill."""
    return random.Random('%d %s' % (faults.SEED, salt)).random() * most


def total(client, plural, condition):
    return client.get('/' + plural, filter=condition, total=True, page_size=1)['total']


def killed(server, after, beside=None):
    """Killed and started again; `beside` is a command that goes on alone where it lost the server, and holds the folder then."""
    time.sleep(after)
    server.kill()
    if beside:
        beside.wait(60)
    server.installation.sql("UPDATE job SET lease = 0 WHERE state = 'running'")  # two minutes have passed
    server.start()
    return server.client()


def start_import(client, prefix, rows=ROWS):
    run = upload(client, [['name', 'employees']] + [['%s %d' % (prefix, i), str(i)] for i in range(rows)])
    client.post('/import_runs/%s:plan' % run['id'], {'mapping': mapping_of(run, 'account')})
    return run, client.post('/import_runs/%s:start' % run['id'])


def checked(server):
    assert not [c for c in json.loads(server.cli('check', '--json').stdout) if c['wrong']]


@in_turn(0)
def test_import_and_its_undo(make_server):
    server = make_server()
    for turn in range(TIMES):
        client, prefix = server.client(), 'Torn%d' % turn
        run, operation = start_import(client, prefix)
        client = killed(server, moment('import %d' % turn, 1.5))
        done = finished(client, operation, 100)
        assert done['state'] == 'done' and done['result']['created'] == ROWS, done
        assert total(client, 'accounts', "name.startsWith('%s ')" % prefix) == ROWS
        operation = client.post('/import_runs/%s:undo' % run['id'])
        client = killed(server, moment('undo %d' % turn, 1))
        done = finished(client, operation, 100)
        assert done['state'] == 'done', done
        assert total(client, 'accounts', "name.startsWith('%s ')" % prefix) == 0
    checked(server)


@in_turn(2)
def test_merge_and_its_undo(make_server):
    server = make_server()
    client = server.client()
    children = 1200
    one, two = [client.create('contacts', name={'family': 'Twin', 'given': g})['id'] for g in ('Ann', 'Anna')]
    for at in range(0, children, 600):
        client.post('/activities:batchCreate', {'data': [{'kind': 'task', 'subject': 'T%d' % (at + i), 'contact': two} for i in range(600)]})
    for turn in range(TIMES):
        operation = client.post('/contacts/%s:merge' % one, {'ids': [two]}, expect=202)
        client = killed(server, moment('merge %d' % turn, 1))
        done = finished(client, operation, 100)
        assert done['state'] == 'done', done
        assert total(client, 'activities', "contact == '%s'" % one) == children
        reply = client.request('POST', '/batches/%s:undo' % operation['batch'], {})
        assert reply.status in (200, 202), reply
        if reply.status == 202:
            client = killed(server, moment('part %d' % turn, 1))
            assert finished(client, reply.json, 100)['state'] == 'done'
        kith.wait_for(lambda: total(client, 'activities', "contact == '%s'" % two) == children, 30)
        assert client.get('/contacts/' + two)['name']['given'] == 'Anna'
    checked(server)


def undone(client, batch, condition):
    """Nothing is left of it; else it has been asked for once more, as who is told 503 on a slow machine would do."""
    if total(client, 'accounts', condition) == 0:
        return True
    reply = client.request('POST', '/batches/%s:undo' % batch, {})
    assert reply.status in (200, 202, 503), reply
    if reply.status == 202:
        finished(client, reply.json, 60)
    return False


@in_turn(1)
def test_undo_cut_off_while_it_is_answered(make_server):
    """An undo asked for and not yet answered when the process dies: all of it is undone, or it may be asked again."""
    server = make_server()
    for turn in range(TIMES):
        client = server.client()
        made = client.post('/accounts:batchCreate', {'data': [{'name': 'Cut%d %d' % (turn, i)} for i in range(1000)]})
        asked = subprocess.Popen(['curl', '-s', '-X', 'POST', '-H', 'Authorization: Bearer ' + client.key,
                                  server.url + kith.BASE + '/batches/%s:undo' % made['batch']], stdout=subprocess.DEVNULL)
        client = killed(server, moment('cut %d' % turn, 0.5))
        asked.wait(30)
        kith.wait_for(lambda: undone(client, made['batch'], "name.startsWith('Cut%d ')" % turn), 60)
    checked(server)


@in_turn(0)
def test_export(make_server):
    server = make_server()
    client = server.client()
    for i in range(2):
        client.post('/accounts:batchCreate', {'data': [{'name': 'Out %d-%d' % (i, n)} for n in range(1000)]})
    for turn in range(TIMES):
        operation = client.post('/export')
        client = killed(server, moment('export %d' % turn, 1))
        done = finished(client, operation, 100)
        assert done['state'] == 'done', done
    checked(server)


@in_turn(1)
def test_backup_and_restore(make_server, tmp_path, db, postgres):
    server = make_server()
    client = server.client()
    client.post('/accounts:batchCreate', {'data': [{'name': 'Saved %d' % i} for i in range(1000)]})
    whole = tmp_path / 'whole'
    server.cli('backup', str(whole))
    for turn in range(TIMES):
        torn = tmp_path / ('b%d' % turn)
        process = subprocess.Popen([kith.BIN, *server.installation.options, 'backup', str(torn)], env=kith.ENV,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = killed(server, moment('backup %d' % turn, 0.8), beside=process)
        if torn.exists():
            kith.run('backup', str(torn), '--verify')
        restore(server, whole, tmp_path / ('r%d' % turn), turn, postgres if db == 'postgres' else None)


def restore(server, whole, data, turn, cluster):
    """A restore that is killed is no installation: it is refused, or called again into an empty place, and then whole."""
    name = cluster.create() if cluster else None
    options = ['--data', str(data)] + (['--db', cluster.url(name)] if cluster else [])
    process = subprocess.Popen([kith.BIN, *options, 'restore', str(whole)], env=kith.ENV, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(moment('restore %d' % turn, 1.2))
    process.kill()
    process.wait()
    again = kith.run(*options, 'restore', str(whole), expect=None)
    if again.returncode:
        is_done = kith.run(*options, 'check', expect=None)
        if is_done.returncode:
            assert again.stderr.startswith('kith: '), again
            shutil.rmtree(data, ignore_errors=True)
            if cluster:
                cluster.drop(name)
                cluster.sql('CREATE DATABASE ' + name)
            kith.run(*options, 'restore', str(whole))
    kith.run(*options, 'check')
    if cluster:
        cluster.drop(name)


LAYER = """extend: account
add:
  fields:
    nick%d: {type: text, searchable: true, sortable: true, label: {en: Nick, ru: Nick, pl: Nick}}
"""


@in_turn(2)
def test_a_change_of_the_tables(make_server):
    server = make_server()
    client = server.client()
    client.post('/accounts:batchCreate', {'data': [{'name': 'Row %d' % i} for i in range(500)]})
    server.stop()
    folder = os.path.join(server.installation.data, 'site')
    os.makedirs(folder, exist_ok=True)
    for turn in range(TIMES):
        with open(os.path.join(folder, 'account.yaml'), 'w') as f:
            f.write(LAYER % turn)
        process = subprocess.Popen([kith.BIN, *server.installation.options, 'user', 'list'], env=kith.ENV, stdout=subprocess.DEVNULL)
        time.sleep(moment('layer %d' % turn, 1))
        process.kill()
        process.wait()
    server.start()
    assert server.client().get('/accounts', order_by='nick%d' % (TIMES - 1), total=True)['total'] == 500
    checked(server)


@in_turn(2)
def test_nightly_backup_and_rotation(make_server, tmp_path):
    place = tmp_path / 'all'
    server = make_server('--backup.dir', str(place), '--backup.at', '02:30', '--backup.keep', '2 0 0')
    for turn in range(TIMES + 2):
        server.installation.sql("UPDATE job SET due = 1 WHERE kind = 'backup.nightly' AND state = 'waiting'")
        client = killed(server, moment('nightly %d' % turn, 1.5))
        kith.wait_for(lambda: server.installation.sql(
            "SELECT count(*) FROM job WHERE kind = 'backup.nightly' AND state IN ('waiting', 'running') AND due < 1000")[0][0] == '0', 60)
    kept = client.get('/backups')['data']
    assert 1 <= len(kept) <= 3, kept
    for backup in kept:
        kith.run('backup', backup['path'], '--verify')
    server.cli('check')

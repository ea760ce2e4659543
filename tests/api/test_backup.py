# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: made while the server works, proved, restored into an empty place, refused when damaged, newer or in the wrong
place.  Point-in-time restore of SQLite is in test_ship.py."""
import json
import os
import re
import shutil
import subprocess
import threading
import time

import kith
import pytest
from conftest import IS_LONG
from kith import wait_for


@pytest.fixture
def place(tmp_path, db, server):
    """Where to restore to: options of an empty folder and, on PostgreSQL, an empty database."""
    made = []

    def new(name='restored'):
        options = ['--data', str(tmp_path / name)]
        if db == 'postgres':
            postgres = server.installation.postgres
            made.append(postgres.create())
            options += ['--db', postgres.url(made[-1])]
        return options
    yield new
    for name in made:
        server.installation.postgres.drop(name)


def backup(server, folder, *args):
    return json.loads(server.cli('backup', str(folder), '--json', *args).stdout.splitlines()[0])


def restored_server(server, options):
    """A server on the restored place, with the keys of the first."""
    inst = kith.Installation.__new__(kith.Installation)
    inst.postgres, inst.keys, inst.owns_database = server.installation.postgres, dict(server.installation.keys), False
    inst.data = options[1]
    inst.dir = os.path.dirname(inst.data)
    inst.database = re.search(r'/(kith_\w+)\?', options[3]).group(1) if len(options) > 2 else None
    return kith.Server(inst)


def names(client):
    return sorted(r['name'] for r in client.all('accounts', fields='name', page_size=200))


def test_backup_and_restore_while_the_server_works(server, api, place, tmp_path, db):
    body = os.urandom(300000)
    file = api.post('/files', body, headers={'Content-Type': 'application/octet-stream', 'X-File-Name': 'a.bin'})
    stop, made, problems = threading.Event(), [], []

    def write():
        client = server.client()
        while not stop.is_set():
            try:
                made.append(client.create('accounts', name='Busy %d' % len(made))['name'])
            except Exception as problem:  # a failure of any kind fails the test
                problems.append(problem)
                return
    writers = [threading.Thread(target=write) for _ in range(3)]
    for w in writers:
        w.start()
    wait_for(lambda: len(made) > 20)
    before = list(made)
    told = backup(server, tmp_path / 'b1')
    stop.set()
    for w in writers:
        w.join()
    assert not problems
    assert told['bytes'] > 100000 and told['secret_key'].endswith('/secret.key')

    manifest = json.load(open(tmp_path / 'b1' / 'manifest.json'))
    assert manifest['database'] == db and manifest['cursor'] == told['cursor']
    assert {f['path'] for f in manifest['files']} >= {'kith.db' if db == 'sqlite' else 'kith.dump'}
    for f in manifest['files']:
        assert os.path.getsize(tmp_path / 'b1' / f['path']) == f['size'] and len(f['sha256']) == 64
    assert 'secret.key' not in ''.join(f['path'] for f in manifest['files'])

    options = place()
    out = kith.run(*options, 'restore', str(tmp_path / 'b1')).stdout
    assert 'resume-jobs' in out and 'secret.key' in out
    kith.run(*options, 'check')
    other = restored_server(server, options)
    try:
        client = other.client()
        assert set(before) <= set(names(client)) <= set(names(api))
        assert client.request('GET', '/files/%s/content' % file['id']).body == body
        client.create('accounts', name='after the restore')
    finally:
        other.stop()
    kith.run(*options, 'check')


def test_restore_raises_the_epoch_and_ends_sessions(server, api, place, tmp_path):
    browser = server.login()
    assert browser.get('/me')['email'] == kith.ADMIN
    api.create('accounts', name='kept')
    cursor = backup(server, tmp_path / 'b')['cursor']
    options = place()
    kith.run(*options, 'restore', str(tmp_path / 'b'))
    other = restored_server(server, options)
    try:
        same = kith.Client(other)
        same.cookie = browser.cookie
        same.get('/me', expect=401)
        client = other.client()
        client.create('accounts', name='new life')
        epoch = int(other.installation.sql("SELECT value FROM setting WHERE name = 'epoch'")[0][0])
        assert epoch > int(cursor.split('.')[0])
        assert client.get('/changes', after=cursor)['data'][0]['object'] == 'account'
    finally:
        other.stop()


def test_verify_proves_and_finds_damage(server, api, tmp_path):
    api.create('accounts', name='x')
    backup(server, tmp_path / 'b')
    options = server.installation.options[2:]
    told = json.loads(kith.run(*options, 'backup', str(tmp_path / 'b'), '--verify', '--json').stdout)
    assert told['ok'] and told['checked']
    assert os.path.exists(tmp_path / 'b' / 'verified.json')
    assert [n for n in os.listdir(tmp_path) if 'unfinished' in n] == []

    main = next(p for p in ('kith.db', 'kith.dump') if os.path.exists(tmp_path / 'b' / p))
    with open(tmp_path / 'b' / main, 'r+b') as f:
        f.seek(5000)
        byte = f.read(1)
        f.seek(5000)
        f.write(bytes([byte[0] ^ 1]))
    done = kith.run(*options, 'backup', str(tmp_path / 'b'), '--verify', expect=1)
    assert main in done.stderr and 'damaged' in done.stderr


def test_backup_and_verify_in_one(server, tmp_path):
    done = kith.run(*server.installation.options, 'backup', str(tmp_path / 'b'), '--verify')
    assert 'verified' in done.stdout


def test_refusals(server, api, place, tmp_path):
    backup(server, tmp_path / 'b')
    assert 'not empty' in server.cli('backup', str(tmp_path / 'b'), expect=1).stderr
    occupied = kith.run(*server.installation.options, 'restore', str(tmp_path / 'b'), expect=1)
    assert 'empty' in occupied.stderr or 'using' in occupied.stderr

    shutil.copytree(tmp_path / 'b', tmp_path / 'newer')
    manifest = json.load(open(tmp_path / 'newer' / 'manifest.json'))
    manifest['version'] = '99.0.0'
    json.dump(manifest, open(tmp_path / 'newer' / 'manifest.json', 'w'))
    assert '99.0.0' in kith.run(*place('n'), 'restore', str(tmp_path / 'newer'), expect=1).stderr

    shutil.copytree(tmp_path / 'b', tmp_path / 'cut')
    main = next(p for p in ('kith.db', 'kith.dump') if os.path.exists(tmp_path / 'cut' / p))
    os.truncate(tmp_path / 'cut' / main, 10000)
    options = place('c')
    assert 'damaged' in kith.run(*options, 'restore', str(tmp_path / 'cut'), expect=1).stderr
    os.unlink(tmp_path / 'cut' / main)
    assert 'missing' in kith.run(*options, 'restore', str(tmp_path / 'cut'), expect=1).stderr
    assert not os.path.exists(os.path.join(options[1], 'kith.db'))
    kith.run(*options, 'restore', str(tmp_path / 'b'))  # the place of the failed one is still good
    assert 'no such' in kith.run(*place('z'), 'restore', str(tmp_path / 'nothing'), expect=1).stderr.lower()


def test_a_newer_database_is_opened_by_backup_only(make_server, tmp_path):
    server = make_server()
    server.stop()
    inst = server.installation
    inst.sql("UPDATE setting SET value = '99.1.0' WHERE name = 'version'")
    for command in (['check'], ['user', 'list'], ['schema', 'plan'], ['serve', '--listen', '127.0.0.1:0']):
        assert '99.1.0' in inst.cli(*command, expect=1).stderr
    inst.cli('backup', str(tmp_path / 'b'))
    assert json.load(open(tmp_path / 'b' / 'manifest.json'))['version'] == '99.1.0'
    inst.sql("UPDATE setting SET value = '0.1.0' WHERE name = 'version'")
    server.start()


def test_a_killed_backup_leaves_nothing_that_looks_like_one(make_server, tmp_path, db):
    server = make_server()
    client = server.client()
    client.post('/accounts:batchCreate', {'data': [{'name': 'n%d' % i} for i in range(500)]})
    for i in range(4 if IS_LONG else 2 if db == 'sqlite' else 1):
        target = tmp_path / ('k%d' % i)
        process = subprocess.Popen([kith.BIN, *server.installation.options, 'backup', str(target)], env=kith.ENV,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + (0.06 if IS_LONG else 0.12) * i)
        server.kill()
        process.wait()
        if target.exists():  # it was quicker: then it is whole
            kith.run('backup', str(target), '--verify')
        server.start()
    server.stop()
    server.cli('check')
    server.start()


def test_button_list_verify(make_server, tmp_path):
    server = make_server('--backup.dir', str(tmp_path / 'all'))
    api = server.client()
    user = server.add_user(role='sales')
    for verb, path in (('GET', '/backups'), ('POST', '/backups')):
        assert user.request(verb, path).status == 403
    assert api.get('/backups')['data'] == []
    operation = api.post('/backups', expect=202)
    done = wait_for(lambda: (o := api.get('/operations/' + operation['id']))['state'] in ('done', 'failed') and o, 30)
    assert done['state'] == 'done', done
    row, = api.get('/backups')['data']
    assert row['bytes'] > 0 and row['path'].startswith(str(tmp_path)) and row['verified_at'] is None
    operation = api.post('/backups:verify', {'name': row['name']}, expect=202)
    done = wait_for(lambda: (o := api.get('/operations/' + operation['id']))['state'] in ('done', 'failed') and o, 60)
    assert done['state'] == 'done', done
    assert api.get('/backups')['data'][0]['verified_at']
    for name in ('nothing', '..', '../x'):
        api.post('/backups:verify', {'name': name}, expect=404)


def test_pause_after_restore_ends_by_the_button(server, api, place, tmp_path):
    backup(server, tmp_path / 'b')
    options = place()
    kith.run(*options, 'restore', str(tmp_path / 'b'))
    other = restored_server(server, options)
    try:
        client = other.client()
        assert client.get('/backups')['jobs_paused_at']
        client.post('/jobs:resume')
        assert client.get('/backups')['jobs_paused_at'] is None
        assert 'not paused' in other.cli('resume-jobs').stdout
    finally:
        other.stop()


def test_nightly_backups_are_scheduled(make_server, tmp_path, db):
    server = make_server('--backup.dir', str(tmp_path / 'all'), '--backup.at', '02:30')
    sql = "SELECT count(*), min(due) FROM job WHERE kind = 'backup.nightly' AND state = 'waiting'"
    n, due = server.installation.sql(sql)[0]
    assert n == '1' and 0 < int(due) - time.time() * 1000 <= 25 * 3600 * 1000
    assert server.client().get('/backups')['next_at']
    server.installation.sql("UPDATE job SET due = 1 WHERE kind = 'backup.nightly'")
    wait_for(lambda: os.path.isdir(tmp_path / 'all') and server.client().get('/backups')['data'], 30)
    assert server.client().get('/backups')['data'][0]['scheduled'] is True
    wait_for(lambda: int(server.installation.sql(sql)[0][0]) == 1)
    server.restart()
    assert server.installation.sql(sql)[0][0] == '1'

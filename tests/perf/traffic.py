# SPDX-License-Identifier: GPL-3.0-or-later
"""Bars of what goes in and out of an installation: import, its preview and undo, export, backup, duplicates, streams.

Long work is measured in CPU seconds of the server, one thread of which does it, so that whoever else is on the machine does not
count; the wall clock stands beside it.  An import has an installation of its own, of a thousand records of each kind.
"""
import csv
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

ROWS = 100000
UNIT = 200  # records a unit of an import
FAMILIES = ('Ivanov Smirnov Kuznetsov Popov Sokolov Lebedev Kozlov Novikov Morozov Petrov Volkov Nowak Kowalski Wójcik Lewandowski '
            'Zieliński Szymański Woźniak Dąbrowski Mazur Smith Johnson Brown Taylor Anderson Иванов Смирнов Кузнецов Фёдоров').split()
GIVEN = 'Anna Boris Clara Dmitry Elena Filip Greta Henryk Irina Jan Karolina Lev Maria Olga Piotr Юрий Зоя Алёна'.split()
ENDS = [a + b + c for a in 'ba ko mi ra se'.split() for b in 'tu vo za li ne'.split() for c in 'do ga re sy'.split()]


def call(s, key, method, path, body=None, kind='application/json'):
    data = json.dumps(body).encode() if body is not None and kind == 'application/json' else body
    request = urllib.request.Request('http://127.0.0.1:%d%s' % (s.port, path if path.startswith('/api') else '/api/v1' + path), data, method=method,
                                     headers={'Authorization': 'Bearer ' + key, 'Content-Type': kind})
    with urllib.request.urlopen(request) as reply:
        return reply.read()


def ask(s, key, method, path, body=None):
    return json.loads(call(s, key, method, path, body))


def finish(s, key, operation, seconds=3600, look=None):
    """Waits for an operation; what it gave back, and what it took: CPU and wall seconds."""
    cpu, begin = s.cpu(), time.monotonic()
    while operation['state'] not in ('done', 'failed'):
        if time.monotonic() - begin > seconds:
            sys.exit('bench: an operation takes too long')
        time.sleep(0.05)
        if look:
            look()
        operation = ask(s, key, 'GET', '/operations/' + operation['id'])
    if operation['state'] == 'failed':
        sys.exit('bench: an operation failed: %s' % operation)
    return operation.get('result'), s.cpu() - cpu, time.monotonic() - begin


# --- import ------------------------------------------------------------------------------------------------------

def people(path, n, accounts):
    """Names about as varied as people's: two in three have a family name that few others have."""
    r = random.Random(7)
    with open(path, 'w', newline='') as f:
        w = csv.writer(f)
        w.writerow(['Family name', 'First name', 'E-mail', 'Phone', 'Account', 'Job title', 'Region', 'Class', 'Birth date', 'Outside id'])
        for i in range(n):
            family = r.choice(FAMILIES) + ('' if r.random() < 0.3 else '-' + r.choice(ENDS).capitalize())
            w.writerow([family, r.choice(GIVEN), 'p%d@example%d.com' % (i, i % 777), '+48 5%08d' % (i * 7 % 10**8), r.choice(accounts),
                        r.choice(['Buyer', 'Director', 'Engineer']), r.choice(['Ural', 'Silesia', 'Kuban']), r.choice('ABC'),
                        '19%02d-%02d-%02d' % (r.randrange(50, 99), r.randrange(1, 13), r.randrange(1, 29)), 'x%07d' % i])


def calls(path, n):
    r = random.Random(8)
    with open(path, 'w', newline='') as f:
        w = csv.writer(f)
        w.writerow(['Subject', 'Kind', 'Status', 'Priority', 'Due', 'Phone', 'Text'])
        for i in range(n):
            w.writerow(['Call %s about offer %d' % (r.choice(FAMILIES), i), r.choice(['call', 'task', 'meeting']), 'open', 'normal',
                        '2026-%02d-%02dT10:00:00Z' % (r.randrange(1, 13), r.randrange(1, 29)), '', 'The offer %d of %s' % (i * 7, r.choice(ENDS))])


def planned(s, key, path, obj, **more):
    with open(path, 'rb') as f:
        data = f.read()
    run = json.loads(call(s, key, 'POST', '/import_runs:upload?' + urllib.parse.urlencode({'name': 'rows.csv', 'object': obj}), data, 'text/csv'))
    table = run['analysis']['tables'][0]
    mapping = dict({'table': table['name'], 'object': obj, 'columns': {c['heading']: c['field'] for c in table['columns']}}, **more)
    ask(s, key, 'POST', '/import_runs/%s:plan' % run['id'], {'mapping': mapping})
    return '/import_runs/' + run['id']


def bare_bulk(b, base, data, obj):
    """CPU seconds of a bare program for the rows, items, changes and search entries the import made."""
    copy = os.path.join(b.tmp, 'bulk')
    shutil.copytree(base, copy, ignore=lambda d, names: [n for n in names if n.endswith('.sock')])
    path = os.path.join(b.tmp, 'bulk.txt')
    with sqlite3.connect('file:%s/kith.db?mode=ro' % copy, uri=True) as con:
        last = con.execute('SELECT max(id) FROM ' + obj).fetchone()[0] or 0
    pairs = ['SELECT id FROM %s WHERE id > %d ORDER BY id' % (obj, last)]
    for table, column in ((obj, 'id'), ('item', 'record'), ('change', 'record')):
        pairs += ['SELECT * FROM %s WHERE %s BETWEEN ?1 AND ?2' % (table, column), table]
    pairs += ['SELECT id AS rowid, c0 AS tokens, c1 AS object FROM search_content WHERE id BETWEEN ?1 AND ?2', 'search']
    with open(path, 'w') as f:
        f.write('\n'.join(pairs) + '\n')
    out = subprocess.run([b.tool('bare'), 'bulk', os.path.join(copy, 'kith.db'), os.path.join(data, 'kith.db'), str(UNIT), path],
                         stdout=subprocess.PIPE, check=True)
    shutil.rmtree(copy)
    return json.loads(out.stdout)


def brought(b, s, key, path, obj, n, base, data, name, bound, **more):
    """One import from its plan on; returns the address of its run."""
    run = planned(s, key, path, obj, **more)
    seen, cpu, wall = finish(s, key, ask(s, key, 'POST', run + ':preview'))
    if seen['new'] != n:
        sys.exit('bench: the preview is wrong: %s' % {k: v for k, v in seen.items() if isinstance(v, int)})
    if obj == 'contact':
        per = cpu * ROWS / n
        b.line('preview of 100,000 rows', '%.1f s CPU' % per, '%.1f s wall' % (wall * ROWS / n), None, '<= 3 s', per <= 3)
    made, cpu, wall = finish(s, key, ask(s, key, 'POST', run + ':start'))
    if made['created'] != n:
        sys.exit('bench: the import is wrong: %s' % made)
    if base:
        bare = bare_bulk(b, base, data, obj)
        ratio = bare['cpu'] / cpu
        b.line(name, '%.1f s CPU' % cpu, '%.1f s CPU' % bare['cpu'], '%.2f' % ratio, '>= %g' % bound, ratio >= bound)
        b.line('the same by the clock', '%.1f s' % wall, '%.1f s' % bare['seconds'], None, None, None)
    else:
        b.line(name, '%.1f s' % wall, None, None, None, None)
    return run


def bar_import(b, start, state, data, is_sqlite, n):
    key, base = state['administrator'], os.path.join(b.tmp, 'base')
    files = [os.path.join(b.tmp, name) for name in ('people.csv', 'calls.csv')]
    with start() as s:
        accounts = [a['label'] for a in ask(s, key, 'GET', '/accounts?page_size=200')['data']]
    people(files[0], n, accounts)
    calls(files[1], n)
    if is_sqlite:
        shutil.copytree(data, base, ignore=lambda d, names: [x for x in names if x.endswith('.sock')])
    with start() as s:
        run = brought(b, s, key, files[0], 'contact', n, base if is_sqlite else None, data,
                      'import of %d, duplicates looked for' % n, 0.3, match=['emails'])
        undone, cpu, wall = finish(s, key, ask(s, key, 'POST', run + ':undo'))
        if undone['undone'] < n:
            sys.exit('bench: the undo is wrong: %s' % undone)
        per = cpu * ROWS / n
        b.line('undo of an import of 100,000', '%.1f s CPU' % per, '%.1f s wall' % (wall * ROWS / n), None, '<= 60 s', per <= 60)
        brought(b, s, key, files[1], 'activity', n, base if is_sqlite else None, data, 'import of %d, no duplicates' % n, 0.5)


# --- export ------------------------------------------------------------------------------------------------------

def bar_export(b, s, state):
    """Deals of the whole table to XLSX by the API, from the asking to the last byte; memory while it is written."""
    key, most = state['administrator'], [0]

    def look():
        most[0] = max(most[0], s.private_kb()[0])

    cpu, begin = s.cpu(), time.monotonic()
    result, _, _ = finish(s, key, ask(s, key, 'POST', '/deals:export', {'format': 'xlsx'}), look=look)
    size = len(call(s, key, 'GET', result['file']['url']))
    cpu, wall, rows = s.cpu() - cpu, time.monotonic() - begin, result['rows']
    if size < rows * 10:
        sys.exit('bench: the workbook is too small')
    per = cpu * ROWS / rows
    b.line('100,000 records to XLSX', '%.1f s CPU' % per, '%.1f s wall' % (wall * ROWS / rows), None, '<= 5 s', per <= 5)
    b.line('%d records to XLSX, most memory' % rows, '%.0f MB' % (most[0] / 1024), None, None, '<= 128 MB', most[0] <= 128 * 1024)


# --- duplicates --------------------------------------------------------------------------------------------------

def bar_duplicates(b, s, state, rows):
    """Looking for those like a record that is about to be written, among all contacts; then all of them compared with one another."""
    r, key = random.Random(9), state['administrator']
    bodies = [json.dumps({'name': {'family': r.choice(FAMILIES), 'given': r.choice(GIVEN)}, 'phones': ['+48 5%08d' % r.randrange(10**8)],
                          'emails': ['p%d@example.com' % r.randrange(rows)]}, ensure_ascii=False) for _ in range(2000)]
    looks = [('POST', '/api/v1/contacts:match', body) for body in bodies]
    b.p95('duplicate check on write, %d contacts' % rows, b.alone(lambda: b.hammer(s, looks, key, connections=1, rows=-1, size=10)), 5)
    result, cpu, wall = finish(s, key, ask(s, key, 'POST', '/duplicates:scan', {'object': 'contact'}))
    b.line('clustering of %d contacts, %d groups' % (rows, result['groups']), '%.0f s CPU' % cpu, '%.0f s wall' % wall, None, '<= 300 s',
           cpu <= 300)


# --- backup ------------------------------------------------------------------------------------------------------

def plain_copy(path, to):
    """What cp does, and that it is on the disk."""
    begin = time.monotonic()
    with open(path, 'rb') as source, open(to, 'wb') as target:
        shutil.copyfileobj(source, target, 1 << 20)
        os.fsync(target.fileno())
    os.unlink(to)
    return time.monotonic() - begin


def bar_backup(b, s, state, database):
    """To a folder beside the data, by turns with a plain copy there; then once more while people ask."""
    key, folder = state['administrator'], os.path.join(os.path.dirname(database), 'backups')
    lines = [('GET', '/api/v1/deals/' + id) for id in state['deals']]
    size, ours, copies, loud = os.path.getsize(database), [], [], []
    for _ in range(2):
        copies.append(plain_copy(database, database + '.copy'))
        ours.append(finish(s, key, ask(s, key, 'POST', '/backups', {}))[2])
        shutil.rmtree(folder)
    ratio = min(copies) / min(ours)
    b.line('backup, to a plain copy', '%.0f MB/s' % (size / min(ours) / 1e6), '%.0f MB/s' % (size / min(copies) / 1e6), '%.2f' % ratio, '>= 0.5',
           ratio >= 0.5)
    quiet = b.alone(lambda: b.hammer(s, lines, key, connections=4, rows=1, size=500))
    operation = ask(s, key, 'POST', '/backups', {})
    while operation['state'] not in ('done', 'failed'):
        loud.append(b.hammer(s, lines, key, connections=4, rows=1, size=500)['p95'])
        operation = ask(s, key, 'GET', '/operations/' + operation['id'])
    shutil.rmtree(folder)
    if operation['state'] == 'failed':
        sys.exit('bench: the backup failed: %s' % operation)
    p95 = sorted(loud)[len(loud) // 2]
    b.line('fetch while it is made, p95', '%.2f ms' % p95, '%.2f ms' % quiet['p95'], '%.2f' % (p95 / quiet['p95']), '<= 2', p95 <= 2 * quiet['p95'])


# --- streams -----------------------------------------------------------------------------------------------------

def changing(b, s, state, rate, stop):
    """Changes deals, `rate` a second, until told to stop."""
    n, begin = 0, time.monotonic()
    while not stop.is_set():
        requests = [('PATCH', '/api/v1/deals/' + state['deals'][(n + i) % len(state['deals'])], json.dumps({'next_step': 'Step %d' % (n + i)}))
                    for i in range(rate // 10)]
        b.hammer(s, requests, state['administrator'], connections=4, rows=1, size=100, seconds=5, limit=len(requests))
        n += len(requests)
        time.sleep(max(0, begin + n / rate - time.monotonic()))


def bar_streams(b, s, state, clients=1000, rate=200):
    """What a thousand open windows cost the others: fetches while records change, without listeners and with them."""
    key, stop = state['administrator'], threading.Event()
    lines = [('GET', '/api/v1/deals/' + id) for id in state['deals']]
    writer = threading.Thread(target=changing, args=(b, s, state, rate, stop))
    writer.start()
    fetch = lambda: b.hammer(s, lines, key, connections=4, rows=1, size=500)
    alone = b.alone(fetch)
    path = '/api/v1/feed?objects=deal'
    listen = subprocess.Popen([b.tool('listen'), str(s.port), key, str(clients), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if listen.stdout.readline() != b'listening\n':
        sys.exit('bench: the feeds were not opened')
    heard = b.alone(fetch)
    listen.stdin.close()
    told = json.loads(listen.stdout.read())
    stop.set()
    writer.join()
    if told['closed'] or told['events'] < clients:
        sys.exit('bench: the feeds are wrong: %s' % told)
    ratio = heard['p95'] / alone['p95']
    b.line('fetch beside %d feeds at %d changes/s, p95' % (clients, rate), '%.2f ms' % heard['p95'], '%.2f ms' % alone['p95'], '%.2f' % ratio,
           '<= 1.5', ratio <= 1.5)

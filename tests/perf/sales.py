# SPDX-License-Identifier: GPL-3.0-or-later
"""Bars of sales: the forecast of many sellers and periods, conversion, scores of leads, ages of what is owed.

Long work is measured in CPU seconds, as in traffic.py.  The forecast is asked of the deals of the bench.  The rest has an installation
of its own, small where it writes; invoices are as many as asked for, made of a real one by a statement, since reading them is what is
measured.
"""
import contextlib
import datetime
import itertools
import json
import os
import sqlite3
import sys
import time
import urllib.parse

from traffic import ask

FORECAST_SQL = ("SELECT t.owner_id, strftime('%%Y-%%m', t.close_date * 86400, 'unixepoch') AS month, t.forecast, t.stage, sum(t.amount_base), "
                "sum(t.weighted_base) FROM deal t WHERE t.deleted_at IS NULL AND t.status = 'open' AND t.close_date >= %d AND t.close_date < %d "
                'GROUP BY 1, 2, 3, 4')
AGES_SQL = ('SELECT i.account AS "account@account", a.name, CASE WHEN i.open_due >= %d THEN 0 WHEN i.open_due >= %d THEN 1 WHEN i.open_due >= %d '
            'THEN 2 WHEN i.open_due >= %d THEN 3 ELSE 4 END AS age, sum(i.open_base) AS total FROM invoice i JOIN account a ON a.id = i.account '
            'WHERE i.deleted_at IS NULL AND i.open_due IS NOT NULL GROUP BY 1, 2, 3')
DEBTORS = 500


def day_number(date):
    return (date - datetime.date(1970, 1, 1)).days


def bar_forecast(b, s, state, database):
    """Twelve months from this one, by owner."""
    first = datetime.date.today().replace(day=1)
    last = (first + datetime.timedelta(days=335)).replace(day=1)
    after = (last + datetime.timedelta(days=32)).replace(day=1)
    path = 'forecast?' + urllib.parse.urlencode({'period': '%s..%s' % (first.strftime('%Y-%m'), last.strftime('%Y-%m')), 'group_by': 'owner'})
    told = b.get(s, path, state['administrator'])
    people = {r['owner'] and r['owner']['id'] for r in told['data']}
    request = [('GET', '/api/v1/' + path)]
    ours = lambda: b.hammer(s, request, state['administrator'], connections=1, size=1000)
    name = 'forecast, %d sellers x %d months' % (len(people), len(told['periods']))
    if not database:
        b.p95(name, b.alone(ours), 300)
        return
    sql = os.path.join(b.tmp, 'forecast.sql')
    with open(sql, 'w') as f:
        f.write(FORECAST_SQL % (day_number(first), day_number(after)))
    with b.bare('select', database, sql) as bare:
        mine, other = b.both(ours, lambda: b.hammer(bare, request, connections=1, size=1000))
    b.p95(name, mine, 300, other)


# --- an installation of its own ---------------------------------------------------------------------------------

def bar_convert(b, s, key):
    title = itertools.count(1)
    make = lambda n: [{'title': 'L%d' % next(title), 'company': 'C%d Trade' % next(title), 'name': {'family': 'F%d' % next(title), 'given': 'A'},
                       'emails': [{'value': 'c%d@example.com' % next(title), 'label': 'work', 'main': True}]} for _ in range(n)]
    times, cpu = [], 0
    for _ in range(5):
        made = ask(s, key, 'POST', '/leads:batchCreate', {'data': make(40)})['data']
        before = s.cpu()
        for lead in made:
            begin = time.monotonic()
            ask(s, key, 'POST', '/leads/%s:convert' % lead['id'], {'create_deal': True, 'deal_name': 'D'})
            times.append((time.monotonic() - begin) * 1000)
        cpu += s.cpu() - before
    b.line('conversion of a lead, CPU', '%.1f ms' % (cpu * 1000 / len(times)), None, None, None, None)
    b.p95('conversion of a lead to three records', {'p95': sorted(times)[len(times) * 95 // 100]}, 20)


RULES = ["budget > 1000", "source == 'website'", "country == 'PL'", "employees > 100", "status == 'new'", "company != null"]


def leads(n):
    return [('POST', '/api/v1/leads', json.dumps({'title': 'L%d' % i, 'company': 'C%d' % i, 'source': 'website', 'country': 'PL' if i % 2 else 'DE',
                                                  'employees': i % 300, 'budget': {'amount': str(i % 5000), 'currency': 'USD'}})) for i in range(n)]


def bar_score(b, s, key, database, rows):
    """What the rules add to a write; then a rule changes and all leads are scored anew."""
    write = lambda: b.hammer(s, leads(2000), key, connections=1, status=201, rows=1, size=300)
    without = b.alone(write)
    rules = [ask(s, key, 'POST', '/score_rules', {'name': 'R%d' % i, 'condition': r, 'points': 5 + i, **({'half_life': 30, 'decays_from': 'received_at'} if i == 1 else {})})
             for i, r in enumerate(RULES)]
    scored = b.alone(write)
    more = scored['cpu'] - without['cpu']
    b.line('scores by %d rules, more for a write of a lead' % len(RULES), '%.3f ms CPU' % scored['cpu'], '%.3f ms CPU' % without['cpu'],
           '%.2f' % (scored['cpu'] / without['cpu']), '<= 1 ms more', more <= 1)
    n = min(rows, 20000)
    have = ask(s, key, 'GET', '/leads?total=true&page_size=1')['total']
    while have < n:
        have += len(ask(s, key, 'POST', '/leads:batchCreate', {'data': [json.loads(x[2]) for x in leads(1000)]})['data'])
    cpu, begin = s.cpu(), time.monotonic()
    ask(s, key, 'PATCH', '/score_rules/' + rules[2]['id'], {'points': 40})
    waiting = "SELECT count(*) FROM job WHERE kind = 'sales.rescore' AND state IN ('waiting', 'running') AND due <= %d"
    while time.monotonic() - begin < 3600:
        time.sleep(0.2)
        with contextlib.closing(sqlite3.connect('file:%s?mode=ro' % database, uri=True)) as db:
            if not db.execute(waiting % (time.time() * 1000)).fetchone()[0]:
                break
    wall, cpu = time.monotonic() - begin, s.cpu() - cpu
    got = ask(s, key, 'GET', '/leads:aggregate?' + urllib.parse.urlencode({'measures': 'max(score)'}))['data'][0]['max(score)']
    if got < 40:
        sys.exit('bench: leads were not scored anew')
    per = 1e6 / have
    b.line('a million leads scored anew (of %d)' % have, '%.0f s' % (wall * per), '%.0f s CPU' % (cpu * per), None, '<= 120 s', wall * per <= 120)


def owe(s, key):
    """A few issued invoices."""
    accounts = ask(s, key, 'GET', '/accounts?page_size=20')['data']
    for a in accounts:
        invoice = ask(s, key, 'POST', '/invoices', {'account': a['id']})
        ask(s, key, 'POST', '/invoice_lines', {'invoice': invoice['id'], 'name': 'Work', 'quantity': '1', 'price': {'amount': '100.00', 'currency': 'USD'}})
        ask(s, key, 'POST', '/invoices/%s:issue' % invoice['id'], {})


def multiply(database, rows):
    """As many as asked for, of one of them."""
    today = day_number(datetime.date.today())
    with contextlib.closing(sqlite3.connect(database)) as db:
        names = [r[1] for r in db.execute('PRAGMA table_info(invoice)')]
        values = {'id': '4000000000000000000 + c.n', 'number': 'NULL', 'number_fold': 'NULL', 'number_key': 'NULL', 'open_due': '%d - c.n %% 150' % today, 'due_date': '%d - c.n %% 150' % today,
                  'account': '(SELECT w.account FROM who w WHERE w.n = c.n %% %d)' % DEBTORS}
        accounts = [r[0] for r in db.execute('SELECT id FROM account ORDER BY id LIMIT ?', (DEBTORS,))]
        db.execute('CREATE TEMP TABLE who (n INTEGER PRIMARY KEY, account)')
        db.executemany('INSERT INTO who VALUES (?, ?)', enumerate(accounts))
        listed = ', '.join('"%s"' % n for n in names)
        taken = ', '.join(values.get(n, 'i."%s"' % n) for n in names)
        db.execute('WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %d) INSERT INTO invoice (%s) SELECT %s FROM c JOIN '
                   '(SELECT * FROM invoice WHERE open_due IS NOT NULL LIMIT 1) i' % (rows, listed, taken))
        db.execute('ANALYZE')
        db.commit()
    return today


def bar_ages(b, start, key, database, rows):
    with start() as s:
        owe(s, key)
    today = multiply(database, rows)
    request = [('GET', '/api/v1/receivables?group_by=account')]
    sql = os.path.join(b.tmp, 'ages.sql')
    with open(sql, 'w') as f:
        f.write(AGES_SQL % (today, today - 30, today - 60, today - 90))
    with start() as s, b.bare('select', database, sql) as bare:
        mine, other = b.both(lambda: b.hammer(s, request, key, connections=1, size=1000),
                             lambda: b.hammer(bare, request, connections=1, size=1000))
    b.p95('ages of %d open invoices by account' % rows, mine, 300, other)


def bar_own(b, start, state, data, rows):
    key, database = state['administrator'], os.path.join(data, 'kith.db')
    with start() as s:
        bar_convert(b, s, key)
        bar_score(b, s, key, database, rows)
    bar_ages(b, start, key, database, rows)

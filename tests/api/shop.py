# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CSV files of a real shop say of its forecast on a day, counted without the program."""
import collections
import csv
import datetime
import os

QUARTER = ('2017-07-01', '2017-09-30')
DAYS = ('2017-06-30', '2017-07-15', '2017-08-31', '2017-10-15')


def rows(folder):
    """(agent, team, manager, day engaged, day closed, is won, value) of deals that have both days."""
    with open(os.path.join(folder, 'sales_teams.csv'), newline='') as f:
        teams = {r['sales_agent']: (r['regional_office'], r['manager']) for r in csv.DictReader(f)}
    with open(os.path.join(folder, 'sales_pipeline.csv'), newline='') as f:
        return [(r['sales_agent'], *teams[r['sales_agent']], r['engage_date'], r['close_date'], r['deal_stage'] == 'Won', float(r['close_value']))
                for r in csv.DictReader(f) if r['engage_date'] and r['close_date']]


def is_in(row):
    return QUARTER[0] <= row[4] <= QUARTER[1]


def is_open(row, day):
    return row[3] <= day < row[4]


def expected(deals, key, day):
    """{whose: [open, closed]} on that day."""
    sums = collections.defaultdict(lambda: [0, 0])
    for r in deals:
        if is_in(r) and is_open(r, day):
            sums[r[key]][0] += r[6]
        if is_in(r) and r[5] and r[4] <= day:
            sums[r[key]][1] += r[6]
    return {k: v for k, v in sums.items() if v != [0, 0]}


def shown(cells):
    return [float(cells['pipeline']['amount']), float(cells['closed']['amount'])]


def told(client, by, day, managers=False):
    """The same as the server says it."""
    got = client.get('/forecast', period='2017-Q3', group_by=by, as_of=day)
    assert got['by_dates']
    found = {r[by]['label']: shown(r['below'] if managers else r) for r in got['data'] if bool(r['below']) == managers}
    return {k: v for k, v in found.items() if v != [0, 0]}, shown(got['total'][0])


def check_forecast(client, folder):
    deals = rows(folder)
    for day in DAYS:
        agents, total = told(client, 'owner', day)
        wanted = expected(deals, 0, day)
        assert agents == wanted and total == [sum(v[i] for v in wanted.values()) for i in (0, 1)], day
        assert told(client, 'owner', day, managers=True)[0] == expected(deals, 2, day)
        assert told(client, 'team', day)[0] == expected(deals, 1, day)


def check_bridge(client, folder):
    deals, (a, b) = [r for r in rows(folder) if is_in(r)], DAYS[1:3]
    got = client.get('/forecast:bridge', period='2017-Q3', to=b, **{'from': a})
    parts = {p['part']: float(p['amount']['amount']) for p in got['parts']}
    total = lambda fits: sum(r[6] for r in deals if fits(r))
    assert parts['start'] == total(lambda r: is_open(r, a)) and parts['end'] == total(lambda r: is_open(r, b))
    assert parts['added'] == total(lambda r: a < r[3] and is_open(r, b))
    assert parts['won'] == -total(lambda r: is_open(r, a) and r[4] <= b and r[5])
    assert parts['start'] + sum(v for k, v in parts.items() if k not in ('start', 'end')) == parts['end'] > 0


def counted(folder, key):
    """{whose: (won, lost, sum won, days to win)} of all deals that ended, by column `key` of rows()."""
    found = collections.defaultdict(lambda: [0, 0, 0.0, 0])
    days = lambda r: (datetime.date.fromisoformat(r[4]) - datetime.date.fromisoformat(r[3])).days
    for r in rows(folder):
        whose = found[r[key] if key is not None else None]
        whose[0 if r[5] else 1] += 1
        whose[2] += r[6] if r[5] else 0
        whose[3] += days(r) if r[5] else 0
    return {k: tuple(v) for k, v in found.items()}


def said(row):
    days = float(row['days'] or 0) * row['won']
    return row['won'], row['lost'], float(row['amount']['amount']) if row['amount'] else 0.0, days


def check_reports(client, folder):
    """Leaders by agent, manager and region, the win rate, the days, the funnel: as the files add up."""
    for by, key in (('owner', 0), ('team', 1), ('owner.manager', 2)):
        got, wanted = client.get('/reports/sales', period='2017', group_by=by), counted(folder, key)
        shown = {r[by]['label']: said(r) for r in got['data'] if r['won'] or r['lost']}
        assert {k: v[:3] for k, v in shown.items()} == {k: v[:3] for k, v in wanted.items()}, by
        assert all(abs(v[3] - wanted[k][3]) <= 0.0051 * v[0] for k, v in shown.items())
        sums = [float(r['amount']['amount']) for r in got['data'] if r['amount']]
        assert sums == sorted(sums, reverse=True) and len(sums) == len(wanted)
    whole = counted(folder, None)[None]
    assert got['total']['win_rate'] == '%.2f' % (100 * whole[0] / (whole[0] + whole[1])) == '63.15'
    assert got['total']['days'] == '%.2f' % (whole[3] / whole[0]) == '51.78'
    pipeline = next(p for p in client.all('pipelines') if p['name'] == 'Hardware sales')
    with open(os.path.join(folder, 'sales_pipeline.csv'), newline='') as f:
        begun = collections.Counter(r['deal_stage'] for r in csv.DictReader(f) if r['engage_date'])
    funnel = client.get('/reports/funnel', period='2016-10..2017-12', pipeline=pipeline['id'])['data']
    assert [r['reached'] for r in funnel] == [sum(begun.values()), begun['Engaging'] + begun['Won'], begun['Won']]
    assert [r['entered'] for r in funnel] == [0, begun['Engaging'], begun['Won']]

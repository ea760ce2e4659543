# SPDX-License-Identifier: GPL-3.0-or-later
"""A trader's orders brought in from CSV files: the totals, who has stopped buying and what, each counted here from the files."""
import collections
import csv
import math
import os
import statistics
import urllib.parse
from datetime import date
from decimal import Decimal

import kith
import pytest


@pytest.fixture(scope='module')
def folder():
    path = os.path.join(kith.DATA, 'northwind')
    if not os.path.isdir(path):
        pytest.skip('no northwind here')
    return path


def read(folder, name):
    with open(os.path.join(folder, name + '.csv'), newline='') as f:
        return list(csv.DictReader(f))


@pytest.fixture(scope='module')
def shop(server, folder):
    server.cli('import', folder)
    return server.client()


def test_the_totals_are_those_of_the_files(shop, folder):
    lines = read(folder, 'OrderDetails')
    gross = sum(Decimal(r['UnitPrice']) * int(r['Quantity']) for r in lines)
    net = sum(Decimal(r['UnitPrice']) * int(r['Quantity']) * (1 - Decimal(r['Discount'])) for r in lines)
    got = shop.get('/order_lines:aggregate', measures='count(),sum(before_discount),sum(after_discount)')['data'][0]
    assert got['count()'] == len(lines) == 2155
    assert Decimal(got['sum(before_discount)']['amount']) == gross == Decimal('1354458.59')
    assert round(Decimal(got['sum(after_discount)']['amount']), 2) == round(net, 2) == Decimal('1265793.04')
    counts = {o: shop.get('/' + o, total=True, page_size=1)['total'] for o in ('accounts', 'contacts', 'products', 'orders')}
    assert counts == {'accounts': 93, 'contacts': 93, 'products': 77, 'orders': 830}


def test_orders_come_with_customer_seller_day_and_rounded_lines(shop, folder):
    order = shop.list('orders', filter="number == '10248'")[0]
    assert order['account']['label'] == 'Vins et alcools Chevalier' and order['owner']['label'] == 'Steven Buchanan'
    assert (order['date'], order['delivery_date'], order['net']['amount'], order['lines_count']) == ('1996-07-04', '1996-07-16', '440.00', 3)
    families = {p['family'] for p in shop.all('products')}
    assert len(families) == len(read(folder, 'Categories')) == 8


# --- who has stopped buying --------------------------------------------------------------------------------------------

DAY = '1998-05-06'


def habits(folder, by_family):
    """{(customer, family): (purchases, last day, median gap, silent days)} of the files."""
    orders = {r['OrderID']: (r['CustomerID'].strip(), date.fromisoformat(r['OrderDate'][:10])) for r in read(folder, 'Orders')}
    family = {r['ProductID']: r['CategoryID'] for r in read(folder, 'Products')}
    days = collections.defaultdict(set)
    for r in read(folder, 'OrderDetails'):
        customer, day = orders[r['OrderID']]
        days[customer, family[r['ProductID']] if by_family else None].add(day)
    out = {}
    for key, found in days.items():
        found = sorted(found)
        gaps = [(b - a).days for a, b in zip(found, found[1:])]
        out[key] = (len(found), found[-1], statistics.median(gaps) if len(gaps) > 1 else None, (date.fromisoformat(DAY) - found[-1]).days)
    return out


def is_lost(habit):
    return habit[2] is not None and habit[3] > 2 * habit[2]


def asked(shop, **params):
    return shop.get('/buying', as_of=DAY, **params)


def test_lost_customers_are_those_an_independent_count_finds(shop, folder):
    wanted = {k[0]: h for k, h in habits(folder, False).items() if is_lost(h)}
    got = asked(shop, state='lost')
    keys = {a['id']: a['outside_id'] for a in shop.all('accounts')}
    assert {keys[r['account']['id']]: (r['purchases'], r['last'], float(r['usual_days']), r['silent_days']) for r in got['data']} == \
        {c: (h[0], h[1].isoformat(), float(h[2]), h[3]) for c, h in wanted.items()}
    assert got['counts']['lost'] == len(wanted) > 5 and sum(got['counts'].values()) == 89
    assert all(r['owner'] is None or r['owner']['label'] for r in got['data'])


def test_lost_assortment_is_what_an_independent_count_finds(shop, folder):
    gone = {k[0] for k, h in habits(folder, False).items() if is_lost(h)}
    names = {r['CategoryID']: r['CategoryName'].replace('/', ' and ').lower() for r in read(folder, 'Categories')}
    wanted = {(c, names[f]) for (c, f), h in habits(folder, True).items() if is_lost(h) and c not in gone}
    keys = {a['id']: a['outside_id'] for a in shop.all('accounts')}
    got = asked(shop, group_by='family', state='lost')
    assert {(keys[r['account']['id']], r['family'].lower()) for r in got['data']} == wanted and len(wanted) > 20
    one = got['data'][0]
    alone = asked(shop, group_by='family', state='lost', account=one['account']['id'])['data']
    assert alone and alone == [r for r in got['data'] if r['account']['id'] == one['account']['id']]


def test_who_is_due_is_told_with_the_day(shop, folder):
    due = asked(shop, state='due')['data']
    wanted = {k[0] for k, h in habits(folder, False).items() if h[2] is not None and not is_lost(h) and h[3] >= math.ceil(h[2])}
    assert len(due) == len(wanted) > 0 and all(r['expected'] <= DAY for r in due)
    for bad in ({'state': 'x'}, {'group_by': 'owner'}):
        assert shop.request('GET', '/buying?' + urllib.parse.urlencode(bad)).status == 400
    assert shop.request('GET', '/buying?account=0000000000001').status == 404

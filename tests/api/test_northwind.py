# SPDX-License-Identifier: GPL-3.0-or-later
"""A trader's orders brought in from CSV files: the totals, who has stopped buying and what, each counted here from the files."""
import collections
import csv
import os
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

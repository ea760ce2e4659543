# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's own layer over records that exist: what its fields are sorted, found and computed by is there from the first
request on."""
import json
import os
import time

NAMES = ['Łódka', 'zebra', 'Ananas', 'żaba', 'ćma', 'mango']
ORDER = ['Ananas', 'ćma', 'Łódka', 'mango', 'żaba', 'zebra']

PLAIN = """extend: product
add:
  fields:
    nick: {type: text, label: {en: Nick, ru: Nick, pl: Nick}}
"""
FULL = """extend: product
add:
  fields:
    nick: {type: text, searchable: true, sortable: true, label: {en: Nick, ru: Nick, pl: Nick}}
    double: {type: formula, result: money, formula: price * 2, label: {en: Double, ru: Double, pl: Double}}
"""


def write_layer(installation, text):
    folder = os.path.join(installation.data, 'site')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'product.yaml'), 'w') as f:
        f.write(text)


def names(reply):
    return [r['nick'] for r in reply['data']]


def wrong_claims(server):
    return [c for c in json.loads(server.cli('check', '--json', expect=None).stdout) if c['wrong']]


def test_fields_that_change_are_filled(make_server):
    server = make_server()
    server.stop()
    write_layer(server.installation, PLAIN)
    server = make_server(installation=server.installation)
    client = server.client()
    for i, name in enumerate(NAMES):
        client.create('products', name='Thing %d' % i, nick=name, price={'amount': '%d' % (i + 1)})
    changed = client.create('products', name='Later', nick='Old', price={'amount': '50'})
    assert client.get('/products?order_by=nick', expect=400)
    assert client.get('/search?q=zebra')['data'] == []
    time.sleep(0.01)
    then = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime()) + '.%03dZ' % (time.time() % 1 * 1000)
    time.sleep(0.01)
    client.patch('/products/' + changed['id'], {'nick': 'Aaron'})
    server.stop()

    write_layer(server.installation, FULL)
    server = make_server(installation=server.installation)
    client = server.client()
    assert names(client.get('/products?order_by=nick')) == ['Aaron'] + ORDER
    assert names(client.get('/products?order_by=nick&as_of=' + then)) == ORDER[:4] + ['Old'] + ORDER[4:]
    assert names(client.get('/products?q=lodka')) == ['Łódka']
    assert [h['label'] for h in client.get('/search?q=zebra')['data']] == ['Thing 1']
    doubles = {r['nick']: r['double']['amount'] for r in client.get('/products')['data']}
    assert doubles['ćma'] == '10.00' and doubles['Aaron'] == '100.00'
    record = client.get('/products/' + changed['id'])
    assert record['version'] == 2, 'filling is no change of the record'
    assert client.get('/products:aggregate?measures=sum(double)')['data'][0]['sum(double)']['amount'] == '142.00'
    server.stop()
    assert wrong_claims(server) == []

    write_layer(server.installation, PLAIN)
    server = make_server(installation=server.installation)
    assert server.client().get('/search?q=zebra')['data'] == [], 'no longer found by it'
    server.stop()
    assert wrong_claims(server) == []

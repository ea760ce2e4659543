# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: made of quotes, orders, invoices and contracts by templates, kept, sent, answered by strangers."""
import hashlib
import itertools
import re
import shutil
import subprocess
import zlib

import pytest

_n = itertools.count(1)
PDF = {'Accept': 'application/pdf'}


def money(amount, currency='USD'):
    return {'amount': str(amount), 'currency': currency}


def text_of(pdf):
    if not shutil.which('pdftotext'):
        pytest.skip('no pdftotext')
    return subprocess.run(['pdftotext', '-layout', '-', '-'], input=pdf, capture_output=True, check=True).stdout.decode()


def account(api, **more):
    return api.post('/accounts', {'name': f'Buyer {next(_n)}', **more})


def document(api, kind, lines, **more):
    """A quote, order or invoice with lines of (name, quantity, price, vat)."""
    if 'account' not in more:
        more['account'] = account(api)['id']
    made = api.post(f'/{kind}s', more)
    api.post(f'/{kind}_lines:batchCreate', {'data': [
        {kind: made['id'], 'name': name, 'quantity': quantity, 'price': money(price), 'vat': vat} for name, quantity, price, vat in lines]})
    return api.get(f'/{kind}s/{made["id"]}')


def render(api, kind, made, action='render', expect=200, **params):
    reply = api.request('POST', f'/{kind}s/{made["id"]}:{action}', params, headers=PDF)
    assert reply.status == expect, reply
    return reply.body


def test_a_quote_on_paper(api, db):
    buyer = account(api, name='Łąka & <b>Syn</b> | **sp. z o.o.**', language='pl')
    quote = document(api, 'quote', [('# @qr <br>|{{ x }}', '2', '1234.50', '23')], account=buyer['id'])
    reply = api.request('POST', f'/quotes/{quote["id"]}:render', {}, headers=PDF)
    assert reply.status == 200 and reply.headers['content-type'] == 'application/pdf'
    assert reply.body.startswith(b'%PDF-') and 'sandbox' in reply.headers['content-security-policy']
    assert reply.headers['content-disposition'].startswith('attachment')
    told = text_of(reply.body)
    assert 'Oferta handlowa ' + quote['number'] in told and 'Łąka & <b>Syn</b> | **sp. z o.o.**' in told
    assert '# @qr <br>|{{ x }}' in told and '3 036,87' in told.replace('\xa0', ' ') and 'Słownie' in told, told
    kept = api.get('/documents', filter=f"quote == '{quote['id']}'")['data']
    assert len(kept) == 1 and kept[0]['kind'] == 'proposal' and kept[0]['status'] == 'made' and kept[0]['language'] == 'pl'
    assert kept[0]['hash'] == hashlib.sha256(reply.body).hexdigest()
    assert render(api, 'quote', quote) == reply.body, 'the same content is the same document'
    both = api.post(f'/quotes/{quote["id"]}:render', {})
    assert both['document']['id'] == kept[0]['id']
    assert api.request('GET', f'/files/{both["file"]["id"]}/content').body == reply.body
    assert 'Commercial proposal' in text_of(render(api, 'quote', quote, language='en'))
    assert 'Коммерческое предложение' in text_of(render(api, 'quote', quote, language='ru'))
    render(api, 'quote', quote, language='xx', expect=422)

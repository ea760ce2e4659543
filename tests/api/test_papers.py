# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: made of quotes, orders, invoices and contracts by templates, kept, sent, answered by strangers."""
import hashlib
import itertools
import re
import shutil
import subprocess

import kith
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


def test_contracts_and_their_renewal(api, db):
    buyer = account(api)
    made = api.post('/contracts', {'account': buyer['id'], 'subject': 'Support', 'status': 'active', 'starts_on': '2026-01-01',
                                   'ends_on': '2099-01-01', 'notice_days': 30, 'amount': money('1200.00')})
    assert re.fullmatch(r'C-\d{4}-\d{4}', made['number']) and made['renewal'] is None
    told = text_of(render(api, 'contract', made, language='ru'))
    assert 'ДОГОВОР № ' + made['number'] in told and 'Одна тысяча двести долларов' in told.replace('\n', ' ')
    api.patch(f'/contracts/{made["id"]}', {'notice_days': 3650 * 8}, expect=422)
    api.patch(f'/contracts/{made["id"]}', {'ends_on': '2026-12-31', 'notice_days': 3650})
    kith.wait_for(lambda: api.get(f'/contracts/{made["id"]}')['renewal'], 20)
    made = api.get(f'/contracts/{made["id"]}')
    deal = api.get(f'/deals/{made["renewal"]["id"]}')
    assert deal['name'] == 'Renewal: Support' and deal['amount'] == money('1200.00') and made['renewal_for'] == '2026-12-31'
    assert [d['kind'] for d in api.get('/documents', filter=f"contract == '{made['id']}'")['data']] == ['contract']


def test_templates_are_checked(api, server, db):
    made = api.post('/document_templates', {'name': 'Ours', 'kind': 'act', 'language': 'en'})
    assert '{{for l in lines}}' in made['body'], 'an empty one takes ours'
    api.patch(f'/document_templates/{made["id"]}', {'body': 'ACT {{ number }} **{{ gross | words }}**'})
    order = document(api, 'order', [('Work', '1', '10.00', '0')])
    assert 'ACT ' + order['number'] + ' Ten dollars and 00/100' in text_of(render(api, 'order', order, action='act'))
    for body in ('{{ nothing_of_that_name }}', '{{if x}}', '{{ number | shout }}', 'a\n{{ 1 + }}'):
        wrong = api.patch(f'/document_templates/{made["id"]}', {'body': body}, expect=422)
        assert wrong['errors'][0]['field'] == 'body', wrong
    server.add_user(role='manager').post('/document_templates', {'name': 'Mine', 'kind': 'act', 'language': 'en', 'body': 'x'}, expect=403)
    for kind, noun in (('proposal', 'quote'), ('order', 'order'), ('invoice', 'invoice'), ('proforma', 'invoice'), ('contract', 'contract')):
        for language in ('en', 'ru', 'pl'):
            ours = api.post('/document_templates', {'name': noun, 'kind': kind, 'language': language, 'is_active': False})
            assert len(ours['body']) > 300


def test_a_large_discount_needs_consent(api, server, db):
    api.post('/approval_rules', {'name': 'Wrong', 'condition': 'no_such_name > 1'}, expect=422)
    rule = api.post('/approval_rules', {'name': 'Discount above 15%', 'condition': 'discount_percent > 15 || margin_percent < 20'})
    quote = document(api, 'quote', [('Work', '1', '100.00', '0')])
    api.post(f'/quotes/{quote["id"]}:ask_approval', {}, expect=409)
    api.patch(f'/quotes/{quote["id"]}', {'discount': '16'})
    refused = api.post(f'/quotes/{quote["id"]}:send', {}, expect=409)
    assert 'Discount above 15%' in refused['detail']
    asked = api.post(f'/quotes/{quote["id"]}:ask_approval', {'note': 'Large order'})['approval']['id']
    api.post(f'/approvals/{asked}:grant', {})
    api.patch(f'/quotes/{quote["id"]}', {'discount': '17'})
    api.post(f'/quotes/{quote["id"]}:send', {}, expect=409)
    api.patch(f'/quotes/{quote["id"]}', {'discount': '16'})
    api.post(f'/quotes/{quote["id"]}:send', {})
    dear = document(api, 'quote', [('Work', '1', '100.00', '0')])
    line = api.get('/quote_lines', filter=f"quote == '{dear['id']}'")['data'][0]
    api.patch(f'/quote_lines/{line["id"]}', {'cost': money('81.00')})
    api.post(f'/quotes/{dear["id"]}:send', {}, expect=409)
    api.patch(f'/quote_lines/{line["id"]}', {'cost': money('80.00')})
    api.post(f'/quotes/{dear["id"]}:send', {})
    api.delete(f'/approval_rules/{rule["id"]}')


# --- the page of a quote ----------------------------------------------------------------------------------------------

def send(api, **more):
    quote = document(api, 'quote', [('Work <i>', '2', '50.00', '20')], **more)
    sent = api.post(f'/quotes/{quote["id"]}:send', {})
    assert sent['url'].startswith(api.server.url + '/q/'), sent
    path = re.search(r'/q/[\w-]{40,}$', sent['url']).group()
    return api.get(f'/quotes/{quote["id"]}'), sent['document']['id'], path


def page(server, path, method='GET', expect=200, **fields):
    import urllib.parse
    body = urllib.parse.urlencode(fields) if fields else None
    headers = {'Accept': 'text/html', 'Origin': server.url, **({'Content-Type': 'application/x-www-form-urlencoded'} if fields else {})}
    reply = server.anonymous().request(method, path, body, headers=headers, root=True)
    assert reply.status == expect, reply
    return reply


def events(api, doc):
    return [e['kind'] for e in api.get('/document_events', filter=f"document == '{doc}'", order_by='id')['data']]


def test_a_quote_is_looked_at_and_accepted(api, server, db):
    quote, doc, path = send(api)
    shown = page(server, path)
    assert 'Work &lt;i&gt;' in shown.text and quote['number'] in shown.text and '$120.00' in shown.text
    policy = shown.headers['content-security-policy']
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and 'unsafe' not in policy
    assert shown.headers['referrer-policy'] == 'same-origin' and 'no-store' in shown.headers['cache-control']
    file = page(server, path + '/file')
    kept = api.get(f'/documents/{doc}')
    assert hashlib.sha256(file.body).hexdigest() == kept['hash'] and kept['status'] == 'viewed' and kept['views'] == 1
    assert 'link_hash' not in kept and path.rpartition('/')[2] not in str(kept)
    page(server, path, 'POST', 422, answer='accept')
    page(server, path, 'POST', 422, answer='accept', signature='alert(1)')
    page(server, path, 'POST', 303, answer='comment', text='Is delivery in the price?')
    done = page(server, path, 'POST', 303, answer='accept', name='Jane Smith', signature='10,10 20,20;5,5')
    assert 'Jane Smith' in page(server, done.headers['location']).text
    kept, quote = api.get(f'/documents/{doc}'), api.get(f'/quotes/{quote["id"]}')
    assert (kept['status'], kept['answered_by'], quote['status']) == ('accepted', 'Jane Smith', 'accepted')
    assert events(api, doc) == ['sent', 'viewed', 'downloaded', 'commented', 'accepted']
    proof = api.get('/document_events', filter=f"document == '{doc}' && kind == 'accepted'")['data'][0]
    assert proof['hash'] == kept['hash'] and proof['signature'] == '10,10 20,20;5,5' and proof['address'] and proof['at']
    tasks = api.get('/activities', filter=f"about == '{quote['id']}' && kind == 'task'")['data']
    assert len(tasks) == 2 and any(t['body'] == 'Is delivery in the price?' for t in tasks)
    again = page(server, path, 'POST', 409, answer='accept', name='Eve')
    assert 'no longer' in again.text and api.get(f'/documents/{doc}')['answered_by'] == 'Jane Smith'
    api.post(f'/quotes/{quote["id"]}:accept', {}, expect=409)
    signed = api.request('POST', '/files', b'scan', headers={'Content-Type': 'image/png', 'X-File-Name': 'scan.png'}).json
    api.patch(f'/documents/{doc}', {'signed_copy': signed['id']})
    api.post(f'/documents/{doc}:receive', {})
    assert api.get(f'/documents/{doc}')['status'] == 'original_received'


def test_wrong_links_and_late_answers(api, server, db):
    quote, doc, path = send(api)
    for wrong in ('/q/x', path[:-1] + ('A' if path[-1] != 'A' else 'B'), '/q/' + 'a' * 200, '/q/' + doc):
        page(server, wrong, expect=404)
        page(server, wrong + '/file', expect=404)
        page(server, wrong, 'POST', 404, answer='accept', name='Eve')
    alien = server.anonymous().request('POST', path, 'answer=accept&name=Eve', root=True,
                                       headers={'Origin': 'https://evil.example', 'Content-Type': 'application/x-www-form-urlencoded'})
    assert alien.status == 403 and api.get(f'/quotes/{quote["id"]}')['status'] == 'sent'
    fresh = api.post(f'/documents/{doc}:link', {})['url']
    page(server, path, expect=404)
    page(server, re.search(r'/q/.*', fresh).group())
    api.post(f'/quotes/{quote["id"]}:revise', {})
    late = page(server, re.search(r'/q/.*', fresh).group(), 'POST', 409, answer='accept', name='Eve')
    assert 'no longer in force' in late.text
    quote, doc, path = send(api)
    page(server, path, 'POST', 303, answer='decline', text='Too dear')
    assert api.get(f'/quotes/{quote["id"]}')['decline_reason'] == 'Too dear'


def test_a_quote_past_its_day(make_server, db):
    noon = 1777629600000
    server = make_server(test_clock=str(noon))
    quote, doc, path = send(server.client(), expires_on="2026-05-03")
    server.stop()
    server = make_server(test_clock=str(noon + 3 * 86400000), installation=server.installation)
    assert 'This offer was valid until May 3, 2026' in page(server, path).text.replace('\xa0', ' ')
    page(server, path, 'POST', 409, answer='accept', name='Eve')
    assert server.client().get(f'/quotes/{quote["id"]}')['status'] == 'sent'

# SPDX-License-Identifier: GPL-3.0-or-later
"""Web forms: the page, what is sent to it, machines, other websites, hostile bodies, counts."""
import http.client
import json
import os
import re
import urllib.parse

import kith
import pytest

ASKS = [{'field': 'name', 'required': True}, {'field': 'emails', 'required': True}, {'field': 'phones'}, {'field': 'company'},
        {'field': 'request', 'label': 'What do you need?'}, {'field': 'rating'}, {'field': 'employees'}]


def make(api, **more):
    body = {'name': 'Callback %d' % kith.serial(), 'fields': ASKS, 'min_seconds': 0, 'language': 'en', **more}
    return api.post('/web_forms', body, expect=201)


def send(server, method, path, body=None, headers=None):
    """One request as a stranger sends it; the reply with its text."""
    conn = http.client.HTTPConnection(server.host, server.port, timeout=20)
    conn.request(method, path, body=body, headers=headers or {})
    reply = conn.getresponse()
    reply.text = reply.read().decode()
    conn.close()
    return reply


def post(server, form, values, headers=None, query=''):
    body = values if isinstance(values, (bytes, str)) else urllib.parse.urlencode(values, doseq=True)
    return send(server, 'POST', '/f/' + form['token'] + query, body,
                {'Content-Type': 'application/x-www-form-urlencoded', **(headers or {})})


def post_json(server, form, values, headers=None):
    reply = send(server, 'POST', '/f/' + form['token'], json.dumps(values), {'Content-Type': 'application/json', **(headers or {})})
    reply.json = json.loads(reply.text) if reply.text else None
    return reply


def leads_of(api, form):
    return [x for x in api.get('/leads?page_size=200&order_by=-created_at')['data'] if (x['web_form'] or {}).get('id') == form['id']]


def count_of(api, form):
    found = [c for c in api.get('/web_forms:counts')['data'] if c['form'] == form['id']]
    return (found[0]['taken'], found[0]['bots']) if found else (0, 0)


def hidden(html):
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html))


ADA = {'name': 'Ada Lovelace', 'emails': 'ada@engine.example', 'phones': '+44 20 7946 0000', 'request': 'One engine,\r\nplease'}


def test_page_and_answer(server, api):
    form = make(api, title='Write to us', intro='We answer <b>soon</b>.', thanks='Merci & see you')
    assert re.fullmatch(r'[A-Za-z0-9_-]{43}', form['token'])
    page = send(server, 'GET', '/f/%s?utm_source=news%%22letter&gclid=g1&other=x' % form['token'], headers={'Referer': 'https://blog.example/post'})
    assert page.status == 200 and page.headers['content-type'] == 'text/html; charset=utf-8'
    policy = page.headers['content-security-policy']
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and 'unsafe' not in policy
    assert '<html lang="en">' in page.text and 'Write to us</h1>' in page.text and 'What do you need?' in page.text
    assert '<b>' not in page.text and '<script' not in page.text and '&lt;b&gt;soon' in page.text
    marks = hidden(page.text)
    assert marks['utm_source'] == 'news&quot;letter' and 'other' not in marks and marks['referrer'] == 'https://blog.example/post'
    marks['utm_source'] = 'news"letter'
    reply = post(server, form, {**ADA, **marks})
    assert reply.status == 303 and reply.headers['location'] == '/f/%s?sent=1' % form['token']
    assert 'Merci &amp; see you' in send(server, 'GET', reply.headers['location']).text
    (lead,) = leads_of(api, form)
    assert lead['name']['family'] == 'Lovelace' and lead['emails'][0]['value'] == 'ada@engine.example'
    assert lead['phones'][0]['value'] == '+442079460000' and lead['request'] == 'One engine,\nplease'
    assert lead['title'] == form['name'] + ': Ada Lovelace' and lead['source'] == 'website' and lead['status'] == 'new'
    assert (lead['utm_source'], lead['gclid'], lead['referrer']) == ('news"letter', 'g1', 'https://blog.example/post')
    assert lead['landing_page'].endswith('/f/' + form['token']) and lead['created_by'] is None
    history = api.get('/leads/%s/history' % lead['id'])['data']
    assert history[-1]['channel'] == 'form' and history[-1]['actor'] is None
    assert count_of(api, form) == (1, 0)


def test_problems_stand_at_their_fields_and_values_stay(server, api):
    form = make(api, language='ru', consent='Согласен на <обработку>')
    reply = post(server, form, {'name': 'Иван "Грозный" <x>', 'emails': 'нет', 'employees': 'много', 'utm_term': 'дом'})
    assert reply.status == 422 and '<html lang="ru">' in reply.text
    assert reply.text.count('aria-invalid=') == 3 and 'role="alert"' in reply.text and 'autofocus' in reply.text
    assert 'value="Иван &quot;Грозный&quot; &lt;x&gt;"' in reply.text and 'Нужно согласие' in reply.text
    assert hidden(reply.text)['utm_term'] == 'дом'
    told = post_json(server, form, {'emails': 'x@y.example', '_consent': True})
    assert told.status == 422 and told.headers['content-type'] == 'application/problem+json'
    assert [e['field'] for e in told.json['errors']] == ['name']
    assert leads_of(api, form) == [] and count_of(api, form) == (0, 0)


def test_consent_is_kept(server, api):
    form = make(api, consent='I agree to be written to.', consent_purpose='marketing')
    assert post_json(server, form, {**ADA, '_consent': True}, headers={'Referer': 'https://shop.example/a'}).status == 200
    (lead,) = leads_of(api, form)
    found = [c for c in api.get('/consents?page_size=200')['data'] if (c['lead'] or {}).get('id') == lead['id']]
    assert len(found) == 1 and (found[0]['purpose'], found[0]['proof']) == ('marketing', 'web_form')
    assert 'I agree to be written to.' in found[0]['proof_note'] and 'https://shop.example/a' in found[0]['proof_note']


def test_machines_get_the_same_answer(server, api):
    form = make(api, min_seconds=5)
    page = send(server, 'GET', '/f/' + form['token'])
    stamp = hidden(page.text)['_t']
    for bad in ({'_homepage': 'http://spam.example'}, {'_t': stamp}, {'_t': '1.' + stamp.split('.')[1]}, {'_t': 'x'}):
        reply = post(server, form, {**ADA, **bad})
        assert reply.status == 303 and reply.headers['location'].endswith('?sent=1'), bad
    assert leads_of(api, form) == [] and count_of(api, form) == (0, 4)
    person = post(server, form, ADA)
    assert person.status == 303 and count_of(api, form) == (1, 4)


def test_unknown_and_inactive(server, api):
    form = make(api)
    assert send(server, 'GET', '/f/' + 'x' * 43).status == 404
    assert send(server, 'GET', '/f/').status == 404
    assert post_json(server, {'token': 'x' * 43}, ADA).json['code'] == 'NOT_FOUND'
    api.patch('/web_forms/' + form['id'], {'active': False})
    for method in ('GET', 'POST', 'OPTIONS'):
        assert send(server, method, '/f/' + form['token'], '', {'Content-Type': 'application/x-www-form-urlencoded'}).status == 404
    api.patch('/web_forms/' + form['id'], {'active': True})
    assert send(server, 'HEAD', '/f/' + form['token']).status == 200


def test_only_what_is_asked_is_written(server, api):
    form = make(api, defaults={'rating': 'hot', 'tags': ['web']})
    reply = post(server, form, {**ADA, 'rating': 'cold', 'status': 'qualified', 'owner': 'x', 'id': 'y', 'budget': '5', 'converted_at': '2020-01-01T00:00:00Z', 'title': 'Mine'})
    assert reply.status == 303
    (lead,) = leads_of(api, form)
    assert lead['status'] == 'new' and lead['owner'] is None and lead['budget'] is None and lead['converted_at'] is None
    assert lead['rating'] == 'cold' and lead['tags'] == ['web'] and lead['title'] != 'Mine'
    assert post_json(server, form, {**ADA, 'name': {'family': 'x'}}).status == 400


def test_responsible(server, api):
    sam = server.add_user(role='sales')
    user = sam.get('/me')['id']
    form = make(api, responsible=user)
    assert post_json(server, form, ADA).status == 200
    (lead,) = leads_of(api, form)
    assert lead['owner']['id'] == user


def test_other_websites(server, api):
    form = make(api, origins='https://www.shop.example/\nhttp://localhost:3000')
    good = post_json(server, form, ADA, {'Origin': 'https://www.shop.example'})
    assert good.status == 200 and good.headers['access-control-allow-origin'] == 'https://www.shop.example'
    assert good.headers['vary'] == 'Origin' and 'access-control-allow-credentials' not in good.headers
    bad = post_json(server, form, {}, {'Origin': 'https://www.shop.example'})
    assert bad.status == 422 and bad.headers['access-control-allow-origin'] == 'https://www.shop.example'
    for origin in ('https://evil.example', 'null', 'https://www.shop.example.evil.example', 'http://www.shop.example'):
        reply = post_json(server, form, ADA, {'Origin': origin})
        assert reply.status == 403 and 'access-control-allow-origin' not in reply.headers, origin
    ask = send(server, 'OPTIONS', '/f/' + form['token'], headers={'Origin': 'http://localhost:3000', 'Access-Control-Request-Method': 'POST'})
    assert ask.status == 204 and ask.headers['access-control-allow-methods'] == 'POST'
    assert send(server, 'OPTIONS', '/f/' + form['token'], headers={'Origin': 'https://evil.example'}).status == 403
    assert post(server, form, ADA, {'Origin': server.url}).status == 303
    page = send(server, 'GET', '/f/' + form['token'])
    assert 'frame-ancestors https://www.shop.example http://localhost:3000' in page.headers['content-security-policy']
    assert len(leads_of(api, form)) == 2


def multipart(pairs, boundary='----b0', tail=True):
    parts = ''.join('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, k, v) for k, v in pairs)
    return parts + ('--%s--\r\n' % boundary if tail else '')


def test_multipart(server, api):
    form = make(api)
    head = {'Content-Type': 'multipart/form-data; boundary=----b0'}
    assert post(server, form, multipart(ADA.items()), head).status == 303
    assert leads_of(api, form)[0]['request'] == 'One engine,\nplease'
    file = '------b0\r\nContent-Disposition: form-data; name="f"; filename="a.exe"\r\n\r\nMZ\r\n------b0--\r\n'
    for body in (file, multipart(ADA.items(), tail=False), 'x', '', multipart([('a', 'b\0c')]), '------b0\r\n\r\nx\r\n------b0--'):
        assert post(server, form, body, head).status == 400, body
    assert post(server, form, multipart([]), {'Content-Type': 'multipart/form-data'}).status == 400
    assert len(leads_of(api, form)) == 1


@pytest.mark.parametrize('body, status', [
    (b'name=%00', 400), (b'name=%ff%fe', 400), (b'name=\xff', 400), (b'name=%4', 400), (b'&&&', 422), (b'=x', 422), (b'name', 422),
    (b'&'.join(b'a=b' for _ in range(300)), 400), (b'name=' + b'x' * 70000, 413), (b'name=' + b'x' * 60000, 422)])
def test_hostile_bodies(server, api, body, status):
    form = make(api)
    reply = post(server, form, body)
    assert reply.status == status and reply.headers['content-type'] == 'text/html; charset=utf-8' and '<h1>' in reply.text
    assert leads_of(api, form) == []


def test_hostile_texts_arrive_inert(server, api):
    form = make(api)
    text = '=HYPERLINK("http://evil")\'; DROP TABLE lead; -- <script>alert(1)</script> {0} %s'
    assert post(server, form, {**ADA, 'name': text, 'company': text, 'request': text, 'utm_source': text, 'utm_term': 'y' * 5000}).status == 303
    (lead,) = leads_of(api, form)
    assert lead['company'] == text and lead['request'] == text and lead['utm_source'] == text and lead['utm_term'] == 'y' * 255
    assert post(server, form, {**ADA, 'company': 'a\x07b\nc'}).status == 303
    assert leads_of(api, form)[0]['company'] == 'a b c'
    for body in ('[]', '"x"', '{"name":', '{"name":{"a":1}}', '{"a":[[1]]}'):
        reply = send(server, 'POST', '/f/' + form['token'], body, {'Content-Type': 'application/json'})
        assert reply.status == 400 and json.loads(reply.text)['code'] == 'INVALID', body
    assert send(server, 'POST', '/f/' + form['token'], '<a/>', {'Content-Type': 'text/xml'}).status == 415


def test_somebody_known_is_filled_not_overwritten(server, api):
    form = make(api, on_match='fill')
    mail = 'known%d@engine.example' % kith.serial()
    stored = api.post('/leads', {'title': 'Known', 'emails': mail, 'company': 'Old Works'}, expect=201)
    said = {'name': 'Somebody Else', 'emails': mail.upper(), 'company': 'Evil', 'request': 'Hello'}
    known, fresh = post_json(server, form, said), post_json(server, form, {**said, 'emails': 'new%d@engine.example' % kith.serial()})
    assert known.status == fresh.status == 200 and known.json == fresh.json
    lead = api.get('/leads/' + stored['id'])
    assert lead['company'] == 'Old Works' and lead['title'] == 'Known' and lead['request'] == 'Hello' and lead['name']['family'] == 'Else'
    notes = [e['record'] for e in api.get('/leads/%s/timeline?kinds=note' % stored['id'])['data']]
    assert len(notes) == 1 and 'Evil' in notes[0]['body'] and len(leads_of(api, form)) == 2


def test_too_many_are_slowed(make_server):
    server = make_server('--trust-proxy', '127.0.0.1')
    api = server.client()
    form = make(api)
    for i in range(40):
        reply = post_json(server, form, {} if i % 2 else ADA, {'X-Forwarded-For': '9.9.9.9'})
        if reply.status == 429:
            break
    assert reply.status == 429 and int(reply.headers['retry-after']) >= 1 and i >= 30
    page = post(server, form, ADA, {'X-Forwarded-For': '9.9.9.9'})
    assert page.status == 429 and 'Not sent' in page.text
    assert post_json(server, form, ADA, {'X-Forwarded-For': '8.8.8.8'}).status == 200


@pytest.mark.parametrize('more, field', [
    ({'fields': []}, 'fields'), ({'fields': [{'field': 'nothing'}]}, 'fields'), ({'fields': [{'field': 'owner'}]}, 'fields'),
    ({'fields': [{'field': 'converted_at'}]}, 'fields'), ({'fields': [{'field': 'account'}]}, 'fields'),
    ({'fields': [{'field': 'name'}, {'field': 'name'}]}, 'fields'), ({'object': 'user'}, 'object'), ({'object': 'nothing'}, 'object'),
    ({'object': 'api_key'}, 'object'), ({'redirect': 'javascript:alert(1)'}, 'redirect'), ({'origins': 'https://a.example/path'}, 'origins'),
    ({'origins': "https://a.example; script-src *"}, 'origins'), ({'defaults': {'status': 'nothing'}}, 'defaults'),
    ({'defaults': {'created_at': '2020-01-01T00:00:00Z'}}, 'defaults'), ({'object': 'deal'}, 'fields')])
def test_a_form_that_cannot_work_is_refused(api, more, field):
    reply = api.request('POST', '/web_forms', {'name': 'x', 'fields': ASKS, **more})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == field


def test_snippet_and_rights(server, api):
    form = make(api, redirect='https://shop.example/thanks')
    got = api.get('/web_forms/%s:snippet' % form['id'])
    assert got['url'].endswith('/f/' + form['token']) and 'action="%s"' % got['url'] in got['html']
    assert 'name="emails"' in got['html'] and '_t' not in got['html'] and '_homepage' in got['html']
    reply = post(server, form, ADA)
    assert reply.status == 303 and reply.headers['location'] == 'https://shop.example/thanks'
    assert 'https://shop.example' in send(server, 'GET', '/f/' + form['token']).headers['content-security-policy']
    sam = server.add_user(role='sales')
    assert sam.request('POST', '/web_forms', {'name': 'x', 'fields': ASKS}).status == 403
    assert sam.request('PATCH', '/web_forms/' + form['id'], {'active': False}).status == 403
    assert api.request('PATCH', '/web_forms/' + form['id'], {'token': 'mine'}).status == 422



def test_what_may_be_there_once_only_tells_nobody_that_it_is(db, postgres, make_server):
    installation = kith.install(postgres if db == 'postgres' else None)
    os.makedirs(os.path.join(installation.data, 'site'))
    with open(os.path.join(installation.data, 'site', 'lead.yaml'), 'w') as f:
        f.write('extend: lead\nset:\n  fields.company.unique: true\n')
    server = make_server(installation=installation)
    api = server.client()
    form = make(api)
    first, again = post_json(server, form, {**ADA, 'company': 'Engine Works'}), post_json(server, form, {**ADA, 'company': 'Engine Works'})
    assert first.status == again.status == 200 and first.json == again.json and len(leads_of(api, form)) == 1
    tasks = [a for a in api.get('/activities')['data'] if a['subject'] == form['name']]
    assert len(tasks) == 1 and 'Engine Works' in tasks[0]['body'] and count_of(api, form) == (2, 0)

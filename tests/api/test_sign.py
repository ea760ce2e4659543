# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in, sessions, origins, keys, passwords, the first administrator."""
import re

import kith
import pytest


def test_session(server):
    client = server.anonymous()
    reply = client.request('POST', '/session', {'email': kith.ADMIN.upper(), 'password': kith.PASSWORD})
    assert reply.status == 200 and reply.json['email'] == kith.ADMIN
    cookie = reply.headers['set-cookie']
    assert 'HttpOnly' in cookie and 'SameSite=Lax' in cookie and 'kith_session=' in cookie and 'Secure' not in cookie
    assert client.get('/me')['rights']['administrator'] is True
    assert client.request('DELETE', '/session').status == 204
    client.cookie = cookie.split(';')[0]
    assert client.request('GET', '/me').status == 401


def test_cookie_is_secure_behind_https(make_server):
    server = make_server('--trust-proxy', '127.0.0.1')
    reply = server.anonymous().request('POST', '/session', {'email': kith.ADMIN, 'password': kith.PASSWORD},
                                       headers={'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '9.9.9.9'})
    assert reply.status == 200 and 'Secure' in reply.headers['set-cookie']


@pytest.mark.parametrize('body', [{'email': kith.ADMIN, 'password': 'wrong password'}, {'email': 'nobody@example.com', 'password': 'wrong password'}])
def test_wrong_password_and_unknown_user_look_the_same(make_server, body):
    server = make_server()
    reply = server.anonymous().request('POST', '/session', body)
    assert reply.status == 401 and reply.json['code'] == 'DENIED' and 'set-cookie' not in reply.headers
    assert reply.json['detail'] == 'The e-mail or the password is wrong'


def test_throttle(make_server):
    server = make_server()
    client = server.anonymous()
    for _ in range(12):
        reply = client.request('POST', '/session', {'email': kith.ADMIN, 'password': 'wrong password'})
        if reply.status == 429:
            break
    assert reply.status == 429 and int(reply.headers['retry-after']) >= 1
    right = client.request('POST', '/session', {'email': kith.ADMIN, 'password': kith.PASSWORD})
    assert right.status == 429


def test_writes_by_cookie_need_our_origin(server):
    client = server.login()
    for origin in ('http://evil.example', 'null', server.url + '.evil.example', 'https' + server.url[4:]):
        reply = client.request('POST', '/accounts', {'name': 'x'}, headers={'Origin': origin})
        assert reply.status == 403, origin
    assert client.request('POST', '/accounts', {'name': 'x'}, headers={'Origin': None}).status == 403
    assert client.request('POST', '/accounts', {'name': 'x'}).status == 201
    assert client.request('GET', '/accounts', headers={'Origin': 'http://evil.example'}).status == 200


def test_key_needs_no_origin(api):
    assert api.request('POST', '/accounts', {'name': 'x'}, headers={'Origin': 'http://elsewhere.example'}).status == 201


def test_public_url_refuses_other_hosts(make_server):
    server = make_server('--public-url', 'https://crm.example.com')
    client = server.client()
    assert client.request('GET', '/me', headers={'Host': 'evil.example'}).status == 421
    assert client.request('GET', '/me', headers={'Host': 'crm.example.com'}).status == 200
    assert client.request('GET', '/health', headers={'Host': 'evil.example'}).status == 200


def test_me(server):
    client = server.add_user(role='sales')
    me = client.get('/me')
    assert me['email'] == client.email and me['company']['currency'] == 'USD' and me['rights']['administrator'] is False
    changed = client.patch('/me', {'theme': 'dark', 'language': 'pl', 'zone': 'Europe/Warsaw'})
    assert (changed['theme'], changed['language'], changed['zone']) == ('dark', 'pl', 'Europe/Warsaw')
    assert client.get('/meta')['language'] == 'pl'
    for name in ('role', 'email', 'may_sign_in'):
        assert client.request('PATCH', '/me', {name: None}).status == 400


def test_password_change(server):
    email = server.add_user().email
    one, two = server.login(email), server.login(email)
    assert one.request('POST', '/password', {'current': 'wrong password', 'password': 'another good one'}).status == 422
    assert one.request('POST', '/password', {'current': kith.PASSWORD, 'password': 'short'}).status == 422
    assert one.request('POST', '/password', {'current': kith.PASSWORD, 'password': 'another good one'}).status == 204
    assert one.request('GET', '/me').status == 200 and two.request('GET', '/me').status == 401
    server.login(email, 'another good one')
    assert server.anonymous().request('POST', '/password', {'current': 'x', 'password': 'another good one'}).status == 401


def test_reset_link(server, api):
    user = server.add_user(role='sales')
    id = user.get('/me')['id']
    link = api.post('/users/%s:resetLink' % id)['link']
    assert user.request('POST', '/users/%s:resetLink' % id).status == 403
    token = re.search('token=(.+)', link).group(1)
    anonymous = server.anonymous()
    assert anonymous.request('POST', '/password', {'token': token, 'password': 'a brand new one'}).status == 204
    assert anonymous.request('POST', '/password', {'token': token, 'password': 'a brand new one'}).status == 404
    server.login(user.email, 'a brand new one')


def test_api_keys(server, api):
    client = server.add_user(role='sales')
    made = client.request('POST', '/api_keys', {'name': 'Web form'})
    assert made.status == 201 and made.json['key'].startswith('kith_') and made.json['prefix'] == made.json['key'][:10]
    key = kith.Client(server, key=made.json['key'])
    assert key.get('/me')['email'] == client.email
    assert made.json['key'] not in api.request('GET', '/api_keys').text and 'hash' not in api.list('api_keys')[0]
    other = server.add_user(role='sales')
    assert other.request('DELETE', '/api_keys/' + made.json['id']).status in (403, 404)
    assert client.request('DELETE', '/api_keys/' + made.json['id']).status == 204
    assert key.request('GET', '/me').status == 401
    admin_id = api.get('/me')['id']
    assert client.request('POST', '/api_keys', {'name': 'x', 'user': admin_id}).status == 403


def test_revoked_key(server):
    client = server.add_user()
    made = client.post('/api_keys', {'name': 'Short'})
    key = kith.Client(server, key=made['key'])
    assert key.request('GET', '/me').status == 200
    client.patch('/api_keys/' + made['id'], {'revoked_at': '2020-01-01T00:00:00Z'})
    assert key.request('GET', '/me').status == 401


def test_user_who_left(server, api):
    user = server.add_user()
    session = server.login(user.email)
    api.patch('/users/' + user.get('/me')['id'], {'is_active': False})
    assert session.request('GET', '/me').status == 401 and user.request('GET', '/me').status == 401


def test_metrics_and_health(server):
    anonymous = server.anonymous()
    assert anonymous.get('/health')['status'] == 'ok'
    metrics = anonymous.request('GET', '/metrics')
    assert metrics.status == 200 and metrics.headers['content-type'].startswith('application/openmetrics-text')
    assert metrics.text.endswith('# EOF\n') and 'kith_requests_total{status="2xx"}' in metrics.text


SETUP = {'language': 'pl', 'country': 'PL', 'company': 'Firma', 'email': 'szef@example.pl', 'name': 'Szef', 'password': 'bardzo dobre hasło'}


def test_setup(make_server):
    server = make_server(bare=True)
    anonymous = server.anonymous()
    asked = anonymous.get('/setup', lang='pl')
    assert asked['needed'] is True and asked['languages'] == ['en', 'ru', 'pl']
    assert {'code': 'PL', 'label': 'Polska', 'currency': 'PLN'} in asked['countries']
    token = kith.wait_for(lambda: re.search(r'/setup\?token=(\S+)', server.log)).group(1)
    assert anonymous.request('POST', '/setup', SETUP).status == 422
    assert anonymous.request('POST', '/setup', dict(SETUP, token='wrong')).status == 404
    made = anonymous.request('POST', '/setup', dict(SETUP, token=token))
    assert made.status == 200 and made.json['company'] == {'name': 'Firma', 'currency': 'PLN', 'country': 'PL', 'language': 'pl',
                                                          'zone': 'Europe/Warsaw'}
    assert anonymous.get('/me')['rights']['administrator'] is True
    assert anonymous.get('/setup')['needed'] is False
    assert anonymous.request('POST', '/setup', dict(SETUP, token=token)).status in (404, 409)
    deal = anonymous.create('deals', name='Pierwsza', amount={'amount': '10', 'currency': 'PLN'})
    assert deal['amount'] == {'amount': '10.00', 'currency': 'PLN'}


def test_security_headers(server):
    page = server.anonymous().request('GET', '/anything/below', root=True)
    assert page.status in (200, 404)
    if page.status == 200:
        assert "default-src 'self'" in page.headers['content-security-policy'] and "frame-ancestors 'none'" in page.headers['content-security-policy']
        assert page.headers['x-content-type-options'] == 'nosniff' and page.headers['referrer-policy']
    assert server.anonymous().request('GET', '/assets/nothing.js', root=True).status == 404

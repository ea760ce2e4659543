# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/security.md names as tested here: sessions of one's own, passwords, headers, what the log says of security."""
import base64
import datetime
import hmac
import re
import time

import kith
import pytest


def when(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


people = {}


def person(server, role):
    """A user of that role, made once a server: for tests that leave him as he was.  "manager " is a second manager."""
    if (server, role) not in people:
        people[server, role] = server.add_user(role=role.strip())
    return people[server, role]


def cookie_of(client):
    return client.cookie.split('=', 1)[1]


# --- sessions of one's own -----------------------------------------------------------------------------------------


def test_own_sessions_are_listed_and_ended(server):
    email = server.add_user(role='sales').email
    one, two, three = server.login(email), server.login(email), server.login(email)
    listed = one.get('/sessions')['data']
    assert len(listed) == 3 and [s['current'] for s in listed].count(True) == 1
    assert all(s['address'] == '127.0.0.1' and s['created_at'] < s['expires_at'] for s in listed)
    assert cookie_of(one) not in str(listed)
    second = next(s for s in two.get('/sessions')['data'] if s['current'])
    one.delete('/sessions/' + second['id'], expect=204)
    assert two.request('GET', '/me').status == 401 and three.request('GET', '/me').status == 200
    assert one.post('/sessions:endOthers') == {'ended': 1}
    assert three.request('GET', '/me').status == 401
    assert [s['current'] for s in one.get('/sessions')['data']] == [True]


def test_sessions_of_others_are_out_of_reach(server, api):
    victim = server.login(person(server, 'sales').email)
    other = server.login(person(server, 'viewer').email)
    id = victim.get('/sessions')['data'][0]['id']
    assert other.request('DELETE', '/sessions/' + id).status == 404
    assert api.request('DELETE', '/sessions/' + id).status == 404
    other.post('/sessions:endOthers')
    assert victim.get('/me')
    assert server.anonymous().request('GET', '/sessions').status == 401


def test_an_administrator_ends_all_sessions_of_a_user(server, api):
    user = server.add_user(role='sales')
    one, two = server.login(user.email), server.login(user.email)
    id = user.get('/me')['id']
    assert one.request('POST', '/users/%s:endSessions' % id).status == 403
    api.post('/users/%s:endSessions' % id, expect=204)
    assert one.request('GET', '/me').status == 401 and two.request('GET', '/me').status == 401
    assert user.request('GET', '/me').status == 200, 'keys stay'
    assert api.request('POST', '/users/%s:endSessions' % api.get('/teams')['data'][0]['id']
                       if api.get('/teams')['data'] else '/users/AAAAAAAAAAAAA:endSessions').status == 404


def test_signing_in_again_leaves_no_session_behind(server):
    email = server.add_user(role='sales').email
    client = server.login(email)
    first = client.cookie
    client.post('/session', {'email': email, 'password': kith.PASSWORD}, expect=200)
    assert client.cookie != first and len(client.get('/sessions')['data']) == 1
    old = server.anonymous()
    old.cookie = first
    assert old.request('GET', '/me').status == 401


def test_over_https_only_a_cookie_of_this_host_counts(make_server):
    server = make_server('--trust-proxy', '127.0.0.1')
    https = {'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '9.9.9.9'}
    client = server.anonymous()
    reply = client.request('POST', '/session', {'email': kith.ADMIN, 'password': kith.PASSWORD}, headers=https)
    cookie = reply.headers['set-cookie']
    assert cookie.startswith('__Host-kith_session=') and 'Path=/;' in cookie and 'Secure' in cookie and 'Domain' not in cookie
    assert client.request('GET', '/me', headers=https).status == 200
    assert reply.headers['strict-transport-security'].startswith('max-age=')
    client.cookie = client.cookie.replace('__Host-', '')
    assert client.request('GET', '/me', headers=https).status == 401


def test_a_sign_in_lasts_as_long_as_it_is_said(make_server):
    server = make_server('--session.hours', '12')
    client = server.anonymous()
    reply = client.request('POST', '/session', {'email': kith.ADMIN, 'password': kith.PASSWORD})
    assert 'Max-Age=43200' in reply.headers['set-cookie']
    session = client.get('/sessions')['data'][0]
    assert when(session['expires_at']) - when(session['created_at']) == 12 * 3600
    assert kith.run('--data', server.installation.data + '-none', '--session.hours', '0', 'serve', expect=None).returncode != 0


# --- passwords -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('password', ['eleven char', 'P@ssw0rd2025!', 'qwertyuiop123', 'пароль123456', 'zaq12wsxcde3', 'ababababababab'])
def test_easy_passwords_are_refused(server, password):
    client = server.login(person(server, 'sales').email)
    reply = client.request('POST', '/password', {'current': kith.PASSWORD, 'password': password})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == 'password'
    assert client.get('/me')


def test_long_passwords_in_any_alphabet_are_taken_as_they_are(server):
    email = server.add_user(role='sales').email
    password = '  Zażółć gęślą jaźń 🦊 ' + 'ё' * 100
    server.login(email).post('/password', {'current': kith.PASSWORD, 'password': password}, expect=204)
    server.login(email, password)
    assert server.anonymous().request('POST', '/session', {'email': email, 'password': password.strip()}).status == 401


def test_guessing_the_current_password_is_slowed(make_server):
    """Whoever has found an open browser gets no more guesses at the password than at the door."""
    server = make_server()
    client = server.login(server.add_user(role='sales').email)
    statuses = [client.request('POST', '/password', {'current': 'guess %d' % i, 'password': 'another good one'}).status for i in range(8)]
    assert statuses[0] == 422 and statuses[-1] == 429, statuses
    assert client.request('POST', '/password', {'current': kith.PASSWORD, 'password': 'another good one'}).status == 429


# --- headers -------------------------------------------------------------------------------------------------------


def test_replies_of_the_api_are_confined_and_not_kept(server, api):
    for reply in (api.request('GET', '/accounts'), api.request('GET', '/nothing_like_it'), server.anonymous().request('GET', '/accounts')):
        assert reply.headers['cache-control'] == 'no-store'
        assert reply.headers['content-security-policy'] == "default-src 'none'; frame-ancestors 'none'"
        assert reply.headers['x-content-type-options'] == 'nosniff'
        assert reply.headers['cross-origin-resource-policy'] == 'same-origin'
        assert 'access-control-allow-origin' not in reply.headers and 'server' not in reply.headers
    assert 'charset' in api.request('GET', '/metrics').headers['content-type']


def test_what_is_for_this_machine_is_not_for_those_behind_a_proxy(server):
    anonymous = server.anonymous()
    assert anonymous.request('GET', '/metrics').status == 200
    for header in ('X-Forwarded-For', 'X-Real-IP', 'Forwarded'):
        assert anonymous.request('GET', '/metrics', headers={header: '9.9.9.9'}).status == 401
    assert server.client().request('GET', '/metrics', headers={'X-Forwarded-For': '9.9.9.9'}).status == 200


def test_other_sites_are_not_allowed_in(api):
    for method in ('OPTIONS', 'GET'):
        reply = api.request(method, '/accounts', headers={'Origin': 'https://evil.example', 'Access-Control-Request-Method': 'POST'})
        assert not [h for h in reply.headers if h.startswith('access-control')]
    assert api.request('TRACE', '/accounts').status in (400, 405, 501)


# --- what the log says ---------------------------------------------------------------------------------------------


def test_security_events_are_logged_without_secrets(make_server):
    server = make_server()
    user = server.add_user(role='sales')
    id = user.get('/me')['id']
    bad = server.anonymous()
    bad.request('POST', '/session', {'email': user.email, 'password': 'not this one at all'})
    client = server.login(user.email)
    secret = cookie_of(client)
    client.post('/password', {'current': kith.PASSWORD, 'password': 'another good one'}, expect=204)
    link = server.client().post('/users/%s:resetLink' % id)['link']
    token = re.search('token=(.+)', link).group(1)
    bad.post('/password', {'token': token, 'password': 'a brand new one'}, expect=204)
    again = server.login(user.email, 'a brand new one')
    again.post('/sessions:endOthers')
    again.delete('/session', expect=204)
    events = re.findall(r'msg=security event=(\S+) id=\S+ user=\S+ about=(\S+) peer=127\.0\.0\.1', server.log)
    assert [e for e, _ in events] == ['signin.refused', 'signin', 'password.changed', 'password.link', 'password.reset', 'signin',
                                      'session.end', 'signout']
    assert dict(events)['password.link'] == id and dict(events)['signin.refused'] == id
    refused = server.anonymous().request('GET', '/accounts')
    assert re.search(r'id=%s .*status=401 .*peer=127\.0\.0\.1' % refused.headers['x-request-id'], server.log)
    for text in (kith.PASSWORD, 'not this one at all', 'another good one', 'a brand new one', secret, token, user.key, user.email):
        assert text not in server.log


# --- what belongs to others ----------------------------------------------------------------------------------------


def test_import_runs_of_others_are_not_to_be_looked_into(server, api):
    """Whoever may see that there was an import may not read its file, change what it will do, or take it back."""
    manager, viewer, sales = (person(server, r) for r in ('manager', 'viewer', 'sales'))
    rows = b'name,phone\nSecret Customer,+48601234567\n'
    made = manager.request('POST', '/import_runs:upload', rows, {'Content-Type': 'text/csv'}, name='a.csv', object='account')
    assert made.status == 201
    run = '/import_runs/' + made.json['id']
    mapping = made.json['analysis']['tables'][0]
    assert viewer.get(run)['name'] == 'a.csv', 'the record itself is as readable as any'
    for other in (viewer, sales, person(server, 'manager ')):
        for method, path, body in (('GET', ':analysis', None), ('GET', ':refused', None), ('POST', ':plan', {'mapping': mapping}),
                                   ('POST', ':preview', None), ('POST', ':start', None), ('POST', ':pause', None),
                                   ('POST', ':resume', None), ('POST', ':undo', None), ('POST', ':redo', None)):
            assert other.request(method, run + path, body).status == 404, path
        added = other.request('POST', '/import_runs:upload', b'name\nEvil\n', {'Content-Type': 'text/csv'}, name='b.csv', run=made.json['id'])
        assert added.status == (403 if other is viewer else 404), added
    assert len(manager.get(run + ':analysis')['tables']) == 1 and api.get(run + ':analysis')['tables']


def test_operations_and_their_files_are_their_owners(server):
    manager, other = person(server, 'manager'), person(server, 'manager ')
    manager.create('accounts', name='Exported')
    done = manager.post('/accounts:export', {'format': 'csv'})
    assert manager.request('GET', '/operations/%s/content' % done['id']).status == 200
    for path in ('', '/content'):
        assert other.request('GET', '/operations/' + done['id'] + path).status == 404
        assert server.anonymous().request('GET', '/operations/' + done['id'] + path).status == 401
    assert server.client().request('GET', '/operations/%s/content' % done['id']).status == 404, 'not even an administrator'


def test_a_file_is_only_where_its_record_is(server):
    """Content is found by its hash, so a hash must not be what one can write."""
    owner, other = server.add_user(role='sales'), server.add_user(role='sales')
    kept = owner.request('POST', '/files', b'the secret of the owner', {'X-File-Name': 'a.txt', 'Content-Type': 'text/plain'}).json
    assert other.request('GET', '/files/%s/content' % kept['id']).status == 404
    for body in ({'data': [{'name': 'b', 'hash': kept['hash']}]}, {'data': [{'name': 'b', 'type': 'text/html'}]}):
        assert other.request('POST', '/files:batchCreate', body).status in (400, 403, 422)
    own = other.request('POST', '/files', b'mine', {'X-File-Name': 'b.txt'}).json
    assert other.request('PATCH', '/files/' + own['id'], {'hash': kept['hash']}).status in (400, 403, 422)
    assert other.request('GET', '/files/%s/content' % own['id']).body == b'mine'


@pytest.mark.parametrize('name', ['%00', 'a%0d%0aX: y', '..%2f..%2fetc%2fpasswd', '%22;x=', 'a' * 300, '%ff'])
def test_names_of_files_cannot_break_out(server, api, name):
    reply = api.request('POST', '/files', b'<script>alert(1)</script>', {'X-File-Name': name, 'Content-Type': 'text/html'})
    assert reply.status in (201, 400, 422), reply
    if reply.status == 201:
        got = api.request('GET', '/files/%s/content' % reply.json['id'])
        shown = got.headers['content-disposition']
        assert shown.startswith("attachment; filename*=UTF-8''") and re.fullmatch(r"[\w.%-]+", shown.split("''")[1])
        assert 'sandbox' in got.headers['content-security-policy'] and got.headers['x-content-type-options'] == 'nosniff'
        assert 'x' not in got.headers


def test_who_may_only_look_does_not_settle_duplicates(server):
    manager, viewer = person(server, 'manager'), person(server, 'viewer')
    a, b = (manager.create('accounts', name='Twin Peaks Lumber', outside_id=str(i))['id'] for i in range(2))
    body = {'object': 'account', 'ids': [a, b]}
    assert viewer.request('POST', '/duplicates:dismiss', body).status == 403
    assert viewer.request('POST', '/duplicates:reopen', body).status == 403
    assert viewer.request('POST', '/accounts/%s:merge' % a, {'ids': [b]}).status in (403, 404)
    manager.post('/duplicates:dismiss', body, expect=204)


# --- the second factor ---------------------------------------------------------------------------------------------


def code_of(secret, steps=0):
    """Six digits as an authenticator makes them (RFC 6238), so many steps of 30 s from now."""
    mac = hmac.new(base64.b32decode(secret), int(time.time() // 30 + steps).to_bytes(8, 'big'), 'sha1').digest()
    at = mac[19] & 15
    return '%06d' % ((int.from_bytes(mac[at:at + 4], 'big') & 0x7fffffff) % 1000000)


def test_the_second_factor(server, api):
    user = server.add_user(role='sales')
    id = user.get('/me')['id']
    client, other = server.login(user.email), server.login(user.email)
    assert client.get('/second_factor') == {'on': False, 'since': None, 'codes_left': 0}
    assert client.request('POST', '/second_factor:confirm', {'code': '123456'}).status == 409
    assert client.request('POST', '/second_factor', {'current': 'not my password'}).json['errors'][0]['field'] == 'current'
    begun = client.post('/second_factor', {'current': kith.PASSWORD})
    assert begun['uri'].startswith('otpauth://totp/Kith:%s?secret=%s' % (user.email, begun['secret'])) and len(begun['secret']) == 32
    assert client.request('POST', '/second_factor:confirm', {'code': '12345'}).status == 422
    assert server.login(user.email).get('/second_factor')['on'] is False, 'it holds once it is confirmed'
    paper = client.post('/second_factor:confirm', {'code': code_of(begun['secret'], -1)})['codes']
    assert len(set(paper)) == 10 and client.get('/second_factor')['codes_left'] == 10
    assert other.request('GET', '/me').status == 401, 'who came in without it is out'

    def enter(**more):
        return server.anonymous().request('POST', '/session', dict({'email': user.email, 'password': kith.PASSWORD}, **more))
    asked = enter()
    assert asked.status == 401 and asked.json['errors'][0]['field'] == 'code' and 'set-cookie' not in asked.headers
    assert enter(password='not my password', code=code_of(begun['secret'])).json['errors'] == []
    now = code_of(begun['secret'])
    assert enter(code=now).status == 200
    again = enter(code=now)
    assert again.status == 401 and 'set-cookie' not in again.headers, 'a code is good once'
    assert enter(code=paper[0].lower()).status == 200 and enter(code=paper[0]).status == 401
    assert user.request('GET', '/me').status == 200, 'keys are another way'
    for path in ('/users/' + id, '/me', '/changes?limit=200'):
        assert begun['secret'] not in api.request('GET', path).text
    assert begun['secret'] not in server.log and paper[1] not in server.log
    assert client.request('POST', '/second_factor:remove', {'current': kith.PASSWORD}).status == 422
    assert client.request('POST', '/second_factor:remove', {'current': kith.PASSWORD, 'code': paper[2]}).status == 204
    assert enter().status == 200


def test_a_lost_second_factor_is_taken_away(server, api):
    user = server.add_user(role='sales')
    id = user.get('/me')['id']
    for take_away in (lambda: api.post('/users/%s:removeSecondFactor' % id, expect=204),
                      lambda: server.cli('user', 'factor-off', '--email', user.email)):
        secret = user.post('/second_factor', {'current': kith.PASSWORD})['secret']
        user.post('/second_factor:confirm', {'code': code_of(secret)})
        body = {'email': user.email, 'password': kith.PASSWORD}
        assert server.anonymous().request('POST', '/session', body).status == 401
        assert user.request('POST', '/users/%s:removeSecondFactor' % id).status == 403
        take_away()
        assert server.anonymous().request('POST', '/session', body).status == 200


def test_guessing_the_second_factor_is_slowed(make_server):
    server = make_server()
    user = server.add_user(role='sales')
    secret = user.post('/second_factor', {'current': kith.PASSWORD})['secret']
    user.post('/second_factor:confirm', {'code': code_of(secret)})
    right = code_of(secret, 1)
    wrong = [c for c in ('%06d' % i for i in range(20)) if c not in (code_of(secret), code_of(secret, -1), right)]
    statuses = [server.anonymous().request('POST', '/session', {'email': user.email, 'password': kith.PASSWORD, 'code': c}).status
                for c in wrong[:8]]
    assert statuses[0] == 401 and statuses[-1] == 429, statuses


def test_a_reply_that_holds_a_secret_is_not_kept(server):
    """An idempotency key keeps a reply for a day; the database must not hold what opens something."""
    user = person(server, 'sales')
    first, second = (user.request('POST', '/api_keys', {'name': 'k'}, {'Idempotency-Key': 'once'}) for _ in range(2))
    assert first.status == second.status == 201 and first.json['key'] != second.json['key']
    assert server.installation.sql("SELECT count(*) FROM idempotency WHERE body LIKE '%%%s%%'" % first.json['key'])[0] == ['0']

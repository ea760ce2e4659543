# SPDX-License-Identifier: GPL-3.0-or-later
"""E-mail to our own people: the relay's settings, letters of notices, the digest, a server that refuses or is away."""
import re
import socket
import ssl
import subprocess

import kith
import pytest
from smtp import Post


@pytest.fixture(scope='module')
def post():
    post = Post(password=('kith', 'sésame'))
    yield post
    post.stop()


def relay(api, post, **more):
    return api.patch('/mail_server', {'host': '127.0.0.1', 'port': post.port, 'security': 'none', 'user': 'kith', 'password': 'sésame',
                                      'from': 'crm@example.com', 'name': 'Отдел «Ромашка»', **more})


def outcome(api, **body):
    job = api.post('/mail_server:test', body, expect=202)
    return kith.wait_for(lambda: (lambda o: o if o['state'] in ('done', 'failed') else None)(api.get('/operations/' + job['id'])), 15)


def test_settings(server, api, post):
    assert api.get('/mail_server')['host'] == ''
    assert outcome(api)['error'] == 'No mail server is set'
    told = relay(api, post)
    assert told['has_password'] and 'password' not in told and 'sésame' not in api.request('GET', '/mail_server').text
    assert api.patch('/mail_server', {'name': 'Kith'})['has_password'] is True
    assert api.patch('/mail_server', {'host': 'elsewhere.example'})['has_password'] is False, 'another host does not get it'
    for wrong in ({'host': 'a b'}, {'host': 'x\r\ny'}, {'port': 0}, {'security': 'ssl'}, {'from': 'nobody'}, {'from': 'a@b\r\nBcc: c@d'}, {'name': 'a\nb'}):
        reply = api.request('PATCH', '/mail_server', wrong)
        assert reply.status in (400, 422) and list(wrong)[0] in reply.text, (wrong, reply)
    seller = server.add_user(role='manager')
    for method, path in (('GET', '/mail_server'), ('PATCH', '/mail_server'), ('POST', '/mail_server:test'), ('GET', '/mails')):
        assert seller.request(method, path, None if method == 'GET' else {}).status == 403


def test_a_letter_to_try_it_by(api, post):
    relay(api, post)
    assert outcome(api)['state'] == 'done'
    mail = post.to(kith.ADMIN)[-1]
    assert mail.sender.startswith('FROM:<crm@example.com>') and mail.message['From'] == 'Отдел «Ромашка» <crm@example.com>'
    assert mail.subject == 'Kith can send e-mail' and mail.message['Auto-Submitted'] == 'auto-generated'
    assert re.match(r'<\w{13}@example.com>$', mail.message['Message-ID']) and max(len(line) for line in mail.raw.splitlines()) <= 78
    assert outcome(api, to='x@example.com')['state'] == 'done' and post.to('x@example.com')
    assert api.request('POST', '/mail_server:test', {'to': 'x'}).status in (400, 422)
    post.refused['no@example.com'] = '550 no such person'
    told = outcome(api, to='no@example.com')
    assert told['state'] == 'failed' and '550' in told['result']['said'] and 'not take' in told['error']
    api.patch('/mail_server', {'password': 'wrong'})
    told = outcome(api)
    assert told['state'] == 'failed' and 'sésame' not in str(told)


@pytest.fixture(scope='module')
def seller(server):
    seller = server.add_user(role='sales')
    seller.patch('/me', {'language': 'ru', 'notices': {'mail': ['assigned']}})
    return seller


def sent(api, state='sent'):
    return api.list('mails', filter="state == '%s'" % state, order_by='-id', page_size=200)


def test_a_notice_by_mail_in_his_language(server, api, post, seller):
    relay(api, post)
    nasty = 'ООО «Ёлки & палки» ' + 'я' * 120
    made = api.create('accounts', name=nasty, owner=seller.get('/me')['id'])
    mail = kith.wait_for(lambda: post.to(seller.email), 10)[0]
    assert mail.subject == 'Вы назначены ответственным: ' + nasty
    assert 'От кого: Ada Admin' in mail.text and 'Какие письма получать' in mail.text
    kith.wait_for(lambda: sent(api), 5)
    logged = sent(api)[0]
    assert (logged['recipient'], logged['attempts'], logged['error']) == (seller.email, 1, None) and logged['sent_at']
    api.patch('/accounts/' + made['id'], {'owner': None})
    seller.patch('/me', {'notices': {'mail': []}})
    api.patch('/accounts/' + made['id'], {'owner': seller.get('/me')['id']})
    api.post('/mails', {'subject': 'x', 'recipient': 'a@example.com'}, expect=422)
    assert len(post.to(seller.email)) == 1
    seller.patch('/me', {'notices': {'mail': ['assigned']}})


def test_refused_and_put_off(server, api, post, seller):
    """A refusal for good ends it; one for now, and a server that is away, are tried again, and the others wait."""
    relay(api, post)
    mine = seller.get('/me')['id']
    post.refused[seller.email] = '550 gone'
    api.create('accounts', name='Refused', owner=mine)
    failed = kith.wait_for(lambda: sent(api, 'failed'), 10)
    assert failed[0]['attempts'] == 1 and '550' in failed[0]['error'] and failed[0]['next_at'] is None
    post.refused[seller.email] = '451 later'
    api.create('accounts', name='Later', owner=mine)
    later = kith.wait_for(lambda: [m for m in sent(api, 'waiting') if m['attempts'] == 1], 10)
    assert '451' in later[0]['error'] and later[0]['next_at'] > later[0]['created_at']
    post.refused.clear()
    with socket.socket() as away:
        away.bind(('127.0.0.1', 0))
        api.patch('/mail_server', {'port': away.getsockname()[1]})
        api.create('accounts', name='Away', owner=mine)
        kith.wait_for(lambda: len([m for m in sent(api, 'waiting') if m['attempts'] == 1]) == 2, 10)
    api.patch('/mail_server', {'port': post.port, 'host': ''})
    count = len(api.list('mails', page_size=200))
    api.create('accounts', name='Off', owner=mine)
    assert len(api.list('mails', page_size=200)) == count, 'without a relay nothing is kept'


def test_a_certificate_nobody_vouches_for_is_refused(api, tmp_path, db):
    if db != 'sqlite':
        pytest.skip('does not depend on the database')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost', '-days', '2',
                    '-keyout', tmp_path / 'key', '-out', tmp_path / 'cert'], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / 'cert', tmp_path / 'key')
    post = Post(context=context)
    relay(api, post, security='starttls')
    told = outcome(api)
    assert told['state'] == 'failed' and 'certificate' in told['result']['said'] and 'STARTTLS' in post.heard
    assert not post.mails and not any(line.startswith('MAIL') for line in post.heard)
    post.stop()
    plain = Post()
    relay(api, plain, security='starttls')
    assert outcome(api)['state'] == 'failed' and not plain.mails, 'never without the encryption that was asked for'
    plain.stop()


#: A Monday, 8:59:59 in Warsaw.
EARLY = 1773043199000


def test_the_digest_of_a_morning(make_server, post, db):
    """When his working day begins, in his zone; what is late and what is for today, and what he has not read."""
    server = make_server(test_clock=str(EARLY))
    api, installation = server.client(), server.installation
    api.create('calendars', name='All', is_default=True, zone='Europe/Warsaw', country='PL')
    relay(api, post)
    anna = server.add_user(role='sales')
    anna.patch('/me', {'language': 'pl'})
    me = anna.get('/me')['id']
    idle = server.add_user(role='sales')
    for name, due in (('Stara sprawa', '2026-03-06T10:00:00Z'), ('Oferta dla młyna', '2026-03-09T12:30:00Z'), ('Jutro', '2026-03-10T12:00:00Z')):
        anna.create('activities', kind='task', subject=name, due_at=due)
    api.create('accounts', name='Nowy Klient', owner=me)
    server.restart().stop()  # those the command line has made, by the real clock, are planned anew
    before = len(post.mails)
    later = make_server(test_clock=str(EARLY + 2000), installation=installation)
    mail = kith.wait_for(lambda: post.to(anna.email), 15)[-1]
    assert mail.subject == 'Twój dzień, 2026-03-09'
    lines = mail.text.splitlines()
    assert lines[:2] == ['Po terminie', '  2026-03-06 11:00  Stara sprawa'] and '  2026-03-09 13:30  Oferta dla młyna' in lines
    assert '  Przydzielono Tobie: Nowy Klient' in lines and 'Jutro' not in mail.text
    assert not post.to(idle.email), 'nothing to say, nothing sent'
    waiting = installation.sql("SELECT due FROM job WHERE kind = 'notice.digest' AND state = 'waiting'")
    assert {int(due) for due, in waiting} == {EARLY + 1000 + 86400000}, 'tomorrow at nine again'
    assert len(post.mails) == before + 1
    later.stop()

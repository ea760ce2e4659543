# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of webhooks, second factors and the mail relay lie sealed in the database; their key lies apart, is exchanged by a command, and a
start without it, or with another, says so."""
import json
import os
import shutil

import kith
import pytest
from test_secure import code_of


RELAY = 'a relay has a long password'


class World:
    """A server with a webhook, a mail relay and somebody with a second factor."""

    def __init__(self, make_server):
        self.server = make_server()
        self.at = self.server.installation
        self.key = os.path.join(self.at.data, 'secret.key')
        client = self.server.client()
        made = client.create('webhooks', name='Told', url='https://93.184.216.34/', events=['account.created'])
        self.webhook, self.shown = made['id'], made['secret']
        client.patch('/mail_server', {'host': 'mail.example', 'from': 'crm@example.com', 'user': 'kith', 'password': RELAY})
        person = self.server.login()
        self.totp = person.post('/second_factor', {'current': kith.PASSWORD})['secret']
        self.paper = person.post('/second_factor:confirm', {'code': code_of(self.totp, -1)})['codes']

    def values(self):
        asked = ('secret FROM webhook', 'secret FROM second_factor', "value FROM setting WHERE name = 'mail.password'")
        return [row[0] for what in asked for row in self.at.sql('SELECT ' + what)]

    def enter(self, **more):
        return self.server.anonymous().request('POST', '/session', dict({'email': kith.ADMIN, 'password': kith.PASSWORD}, **more)).status

    def secrets(self, *args):
        return json.loads(self.server.cli('secrets', *args, '--json').stdout)

    def refused(self):
        """What a start says that ends at once."""
        done = self.at.cli('serve', '--listen', '127.0.0.1:0', expect=1)
        return done.stderr


def sealed(values):
    return len(values) == 3 and all(v.startswith('sealed:') for v in values)


def test_nothing_lies_open(make_server):
    world = World(make_server)
    assert sealed(world.values()) and os.stat(world.key).st_mode & 0o777 == 0o600
    world.server.stop()
    for folder, _, names in os.walk(world.at.data):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as f:
                held = f.read()
            assert not [s for s in (world.shown, world.totp, RELAY) if s.encode() in held], name
    # as earlier versions kept them: sealed by the next start, and good as before
    world.at.sql("UPDATE webhook SET secret = '%s'; UPDATE second_factor SET secret = '%s'; UPDATE setting SET value = '%s' WHERE name = 'mail.password'"
                 % (world.shown, world.totp, RELAY))
    world.server.start()
    assert sealed(world.values())
    assert world.enter() == 401 and world.enter(code=code_of(world.totp)) == 200
    # a value of another row opens nothing
    world.at.sql('UPDATE second_factor SET secret = (SELECT secret FROM webhook)')
    assert world.enter(code=code_of(world.totp, 1)) == 500


@pytest.mark.any_database
def test_the_key_is_exchanged(make_server):
    world = World(make_server)
    before, was = world.values(), world.secrets()
    assert (was['sealed'], was['older'], was['foreign']) == (3, 0, 0)
    now = world.secrets('rotate')
    assert now['key'] != was['key'] and (now['sealed'], now['older'], now['foreign']) == (3, 0, 0)
    assert sealed(world.values()) and not set(before) & set(world.values())
    assert world.enter(code=code_of(world.totp)) == 200
    shutil.copy(world.key, world.key + '.both')
    assert world.secrets('forget')['key'] == now['key']
    assert was['key'] not in open(world.key).read() and was['key'] in open(world.key + '.both').read()
    world.server.restart()
    assert world.enter(code=code_of(world.totp, 1)) == 200


@pytest.mark.any_database
def test_without_the_key(make_server):
    world = World(make_server)
    world.server.stop()
    away = world.key + '.away'
    os.rename(world.key, away)
    assert 'secret.key is missing' in world.refused() and not os.path.exists(world.key), 'no other is made in its place'
    with open(world.key, 'w') as f:
        f.write('0123456789abcdef AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n')
    os.chmod(world.key, 0o600)
    assert 'has not the key' in world.refused()
    os.replace(away, world.key)
    os.chmod(world.key, 0o644)
    assert 'chmod 600' in world.refused()
    os.truncate(world.key, 100)
    os.chmod(world.key, 0o600)
    assert 'secret.key' in world.refused()
    os.unlink(world.key)
    assert 'given up' in world.at.cli('secrets', 'reset').stdout
    world.server.start()
    assert world.values() == ['', '', ''] and world.enter() == 200, 'the second factor is off'
    assert world.server.client().post('/webhooks/%s:rotate' % world.webhook)['secret'].startswith('whsec_')


def test_processes_share_a_file(make_server, db, tmp_path):
    if db != 'postgres':
        pytest.skip('several processes need PostgreSQL')
    first = make_server()
    assert 'is missing' in kith.run(*first.installation.options[2:], '--data', str(tmp_path / 'other'), 'serve', '--listen', '127.0.0.1:0', expect=1).stderr
    sibling = first.installation.sibling()
    os.unlink(os.path.join(sibling.data, 'secret.key'))
    second = make_server('--secret-key', os.path.join(first.installation.data, 'secret.key'), installation=sibling)
    made = second.client().create('webhooks', name='Told', url='https://93.184.216.34/', events=['account.created'])
    json.loads(second.installation.cli('--secret-key', os.path.join(first.installation.data, 'secret.key'), 'secrets', 'rotate', '--json').stdout)
    assert first.client().post('/webhooks/%s:rotate' % made['id'])['secret'] != made['secret']

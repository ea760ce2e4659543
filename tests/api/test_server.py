# SPDX-License-Identifier: GPL-3.0-or-later
"""The process: it says where it listens, answers, guards its data folder, stops cleanly."""
import json
import signal

import kith
import pytest


def test_health_is_open(server):
    reply = server.anonymous().request('GET', '/health')
    assert reply.status == 200


def test_key_is_needed(server):
    reply = server.anonymous().request('GET', '/accounts')
    assert reply.status == 401
    assert reply.headers['content-type'].startswith('application/problem+json')
    problem = reply.json
    assert problem['status'] == 401 and problem['code'] == 'DENIED' and problem['request_id']


@pytest.mark.parametrize('key', ['wrong', '', 'x' * 5000, 'ключ'])
def test_wrong_key_is_refused(server, key):
    client = server.anonymous()
    reply = client.request('GET', '/accounts', headers={'Authorization': ('Bearer ' + key).encode()})
    assert reply.status in (400, 401, 431)


def test_unknown_path_is_a_problem(api):
    reply = api.request('GET', '/nothing_like_it')
    assert reply.status == 404
    assert reply.json['code'] == 'NOT_FOUND'


def test_request_id_comes_back(api):
    reply = api.request('GET', '/nothing_like_it', headers={'X-Request-Id': 'abc-123'})
    assert reply.headers['x-request-id'] == 'abc-123'
    assert reply.json['request_id'] == 'abc-123'


def test_sigterm_ends_with_zero(make_server):
    server = make_server()
    server.client().get('/me')
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0


def test_one_process_owns_a_folder(make_server, db):
    server = make_server()
    second = kith.run(*server.installation.options, 'serve', '--listen', '127.0.0.1:0', expect=None)
    assert second.returncode != 0
    assert server.client().request('GET', '/health').status == 200


def test_commands_work_beside_the_server(make_server):
    server = make_server()
    client = server.add_user('beside@example.com')
    assert client.get('/me')['label']


def test_data_survives_a_restart(make_server):
    server = make_server()
    made = server.client().create('accounts', name='Acme')
    server.restart()
    assert server.client().get('/accounts/' + made['id'])['name'] == 'Acme'


def test_config_is_json(server):
    assert isinstance(json.loads(server.cli('config', '--json').stdout), (dict, list))

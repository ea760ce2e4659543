# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: bytes in and out, unchanged and never run by a browser."""
import os
import urllib.parse

import pytest


def upload(client, data, name='file.txt', **headers):
    return client.request('POST', '/files', data, headers=dict({'X-File-Name': urllib.parse.quote(name), 'Content-Type': 'text/html'}, **headers))


@pytest.mark.parametrize('size', [0, 1, 300000, 1 << 20])
def test_bytes_come_back(api, size):
    data = os.urandom(size)
    made = upload(api, data, 'Договор №1.bin')
    assert made.status == 201 and made.json['name'] == 'Договор №1.bin' and made.json['size'] == size
    got = api.request('GET', '/files/%s/content' % made.json['id'])
    assert got.status == 200 and got.body == data
    assert got.headers['content-disposition'] == "attachment; filename*=UTF-8''" + urllib.parse.quote('Договор №1.bin')
    assert got.headers['x-content-type-options'] == 'nosniff' and 'sandbox' in got.headers['content-security-policy']
    same = api.request('GET', '/files/%s/content' % made.json['id'], headers={'If-None-Match': got.headers['etag']})
    assert same.status == 304 and not same.body


def test_file_about_a_record(api):
    account = api.create('accounts', name='With a file')
    made = api.request('POST', '/files?about=account:' + account['id'], b'x', headers={'X-File-Name': 'x.txt', 'Content-Type': 'text/plain'})
    assert made.status == 201 and made.json['about']['id'] == account['id']
    note = api.create('activities', kind='note', body='see', file=made.json['id'])
    assert note['file']['id'] == made.json['id'] and note['file']['name'] == 'x.txt' and note['file']['size'] == 1


def test_a_file_needs_a_name(api):
    assert api.request('POST', '/files', b'x', headers={'Content-Type': 'text/plain'}).status == 422


def test_rights_of_files(server, api):
    made = upload(api, b'secret').json
    client = server.add_user(role='sales')
    assert client.request('GET', '/files/%s/content' % made['id']).status == 404
    assert server.anonymous().request('GET', '/files/%s/content' % made['id'], root=False).status == 401


def test_too_large(api):
    reply = api.request('POST', '/files', b'x' * ((32 << 20) + 1), headers={'X-File-Name': 'x'}, unchecked=True)
    assert reply.status == 413

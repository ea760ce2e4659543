# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: bytes in and out, unchanged and never run by a browser."""
import os
import socket
import urllib.parse

import kith
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


def names_in(folder):
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names if 'kith.db' not in name)


def test_files_go_to_disk_up_to_their_limit(make_server, db):
    """A body larger than memory takes: kept whole; too long, of nobody, or cut off: refused, and nothing is left of it."""
    server = make_server('--limit.file=34M', '--limit.import=1M')
    api, data = server.client(), os.urandom(33 << 20)
    made = upload(api, data, 'film.mp4')
    assert made.status == 201 and made.json['size'] == 33 << 20
    assert api.request('GET', '/files/%s/content' % made.json['id']).body == data
    folder = server.installation.data
    before = names_in(folder)
    assert upload(api, data + data[:2 << 20]).status == 413
    assert upload(server.anonymous(), data).status == 401
    assert api.request('POST', '/import_runs:upload?name=x.csv', b'a\n' * (1 << 20)).status == 413
    with socket.create_connection((server.host, server.port)) as s:
        s.sendall(b'POST /api/v1/files HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\nX-File-Name: gone.bin\r\nContent-Length: 35000000\r\n\r\n'
                  % (server.host.encode(), server.port, api.key.encode()))
        s.sendall(data[:20 << 20])
    kith.wait_for(lambda: not [f for f in os.listdir('/proc/%d/fd' % server.process.pid) if '(deleted)' in link_of(server, f) and folder in link_of(server, f)])
    assert names_in(folder) == before
    assert not api.all('files', filter="name == 'gone.bin'")


def link_of(server, fd):
    try:
        return os.readlink('/proc/%d/fd/%s' % (server.process.pid, fd))
    except OSError:
        return ''

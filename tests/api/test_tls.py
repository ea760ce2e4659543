# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS: the program's own, and behind nginx and Caddy with a certificate of our own making.  Through each: signing in, a list,
and the live feed."""
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading

import kith
import pytest
from kith import wait_for


@pytest.fixture(autouse=True)
def once(db):
    if db != 'sqlite':
        pytest.skip('the same on both databases')


def certificate(folder, name='cert'):
    """A self-signed certificate; it is its own authority."""
    cert, key = os.path.join(str(folder), name + '.pem'), os.path.join(str(folder), name + '.key')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
                    '-keyout', key, '-out', cert, '-subj', '/CN=localhost', '-addext',
                    'subjectAltName=DNS:localhost,IP:127.0.0.1'], check=True, capture_output=True)
    os.chmod(key, 0o600)
    return cert, key


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Browser:
    """Speaks HTTPS and believes `cert` only."""

    def __init__(self, port, cert):
        self.port, self.cookie = port, None
        self.context = ssl.create_default_context(cafile=cert)

    def request(self, method, path, body=None, **headers):
        c = http.client.HTTPSConnection('localhost', self.port, timeout=20, context=self.context)
        if self.cookie:
            headers['Cookie'] = self.cookie
        if body is not None:
            headers.update({'Content-Type': 'application/json', 'Origin': 'https://localhost:%d' % self.port})
        c.request(method, path, json.dumps(body) if body is not None else None, headers)
        r = c.getresponse()
        text = r.read()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, text

    def sign_in(self):
        status, headers, text = self.request('POST', '/api/v1/session', {'email': kith.ADMIN, 'password': kith.PASSWORD})
        assert status == 200, text
        self.cookie = headers['set-cookie'].split(';')[0]
        return headers

    def feed(self, seen):
        c = http.client.HTTPSConnection('localhost', self.port, timeout=20, context=self.context)
        c.request('GET', '/api/v1/feed?objects=account', headers={'Cookie': self.cookie})
        r = c.getresponse()
        assert r.status == 200 and r.getheader('content-type').startswith('text/event-stream')
        seen.append('open')
        while True:
            line = r.readline()
            if not line:
                return
            if b'tick' in line or b'change' in line:
                seen.append(line)
                c.close()
                return


def walk(browser):
    """Signing in, a list, a write, the feed: as a browser would."""
    headers = browser.sign_in()
    assert 'secure' in headers['set-cookie'].lower()
    assert 'max-age' in headers['strict-transport-security']
    status, _, text = browser.request('GET', '/api/v1/accounts?page_size=5')
    assert status == 200 and 'data' in json.loads(text)
    seen = []
    reader = threading.Thread(target=browser.feed, args=(seen,))
    reader.start()
    wait_for(lambda: seen)
    assert browser.request('POST', '/api/v1/accounts', {'name': 'over TLS'})[0] == 201
    reader.join(15)
    assert len(seen) > 1, 'no event came through'


def serve_tls(installation, *args):
    """The server's line begins with https, which kith.Server does not read."""
    process = subprocess.Popen([kith.BIN, *installation.options, 'serve', '--listen', '127.0.0.1:0', *args],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kith.ENV, text=True)
    line = process.stdout.readline()
    assert line.startswith('listening on https://'), line
    return process, int(line.rsplit(':', 1)[1])


def test_tls_of_its_own(tmp_path):
    cert, key = certificate(tmp_path)
    installation = kith.install()
    process, port = serve_tls(installation, '--tls-cert', cert, '--tls-key', key)
    try:
        walk(Browser(port, cert))
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers('ALL:@SECLEVEL=0')
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(socket.create_connection(('127.0.0.1', port)), server_hostname='localhost')
        # A renewed certificate holds after SIGHUP; a bad pair leaves the old one.
        new, new_key = certificate(tmp_path, 'new')
        shutil.copy(new, cert)
        process.send_signal(signal.SIGHUP)  # the key does not fit yet
        shutil.copy(new_key, key)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: ssl.get_server_certificate(('127.0.0.1', port)).split() == open(new).read().split())
        assert Browser(port, new).request('GET', '/health')[0] == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        installation.remove()


def test_bad_keys_are_refused(tmp_path):
    cert, key = certificate(tmp_path)
    other, _ = certificate(tmp_path, 'other')
    installation = kith.install()
    serve = ['serve', '--listen', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key]
    os.chmod(key, 0o644)
    assert 'others' in installation.cli(*serve, expect=1).stderr
    os.chmod(key, 0o600)
    assert 'not the key' in installation.cli(*serve[:4], other, *serve[5:], expect=1).stderr
    installation.cli(*serve[:5], expect=2)
    installation.remove()


NGINX = '''
pid %(dir)s/nginx.pid; error_log %(dir)s/error.log; daemon off; worker_processes 1; user root;
events { worker_connections 64; }
http {
    access_log off; client_body_temp_path %(dir)s/b; proxy_temp_path %(dir)s/p; fastcgi_temp_path %(dir)s/f;
    uwsgi_temp_path %(dir)s/u; scgi_temp_path %(dir)s/s;
    server {
        listen 127.0.0.1:%(port)d ssl; server_name localhost;
        ssl_certificate %(cert)s; ssl_certificate_key %(key)s; client_max_body_size 64m;
        location / {
            proxy_pass http://127.0.0.1:%(kith)d; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme; proxy_buffering off; proxy_read_timeout 1h;
        }
    }
}
'''
CADDY = '''
{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system %(dir)s/store
}
https://localhost:%(port)d {
    tls %(cert)s %(key)s
    reverse_proxy 127.0.0.1:%(kith)d {
        flush_interval -1
    }
}
'''


@pytest.mark.parametrize('proxy', ['nginx', 'caddy'])
def test_behind_a_proxy(proxy):
    binary = shutil.which(proxy, path=os.environ['PATH'] + ':/usr/sbin')
    if not binary:
        pytest.skip('%s is not installed' % proxy)
    folder = tempfile.mkdtemp(prefix='kith-proxy-')
    cert, key = certificate(folder)
    port = free_port()
    installation = kith.install()
    server = kith.Server(installation, '--trust-proxy', '127.0.0.1', '--public-url', 'https://localhost:%d' % port)
    values = {'dir': folder, 'port': port, 'kith': server.port, 'cert': cert, 'key': key}
    path = os.path.join(folder, 'config')
    with open(path, 'w') as f:
        f.write((NGINX if proxy == 'nginx' else CADDY) % values)
    command = [binary, '-c', path] if proxy == 'nginx' else [binary, 'run', '--config', path, '--adapter', 'caddyfile']
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(os.path.join(folder, 'said'), 'w'),
                               env=dict(os.environ, HOME=folder, XDG_DATA_HOME=folder, XDG_CONFIG_HOME=folder))

    def is_up():
        assert process.poll() is None, open(os.path.join(folder, 'said')).read()
        with socket.socket() as s:
            return s.connect_ex(('127.0.0.1', port)) == 0
    try:
        wait_for(is_up)
        walk(Browser(port, cert))
    finally:
        process.kill()  # a proxy waits for its streams
        process.wait(15)
        server.stop()
        installation.remove()
        shutil.rmtree(folder, ignore_errors=True)

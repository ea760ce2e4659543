# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives the real binary: a temporary PostgreSQL cluster, installations made from a snapshot, servers, HTTP clients.

The binary is KITH_BIN, or build-dev/kith (with sanitizers).  Nothing here knows the inside of the program.
"""
import glob
import http.client
import itertools
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get('KITH_BIN', os.path.join(ROOT, 'build-dev', 'kith'))
DATA = os.path.join(os.path.dirname(ROOT), 'shared', 'data')
ADMIN = 'admin@example.com'
PASSWORD = 'correct horse battery'
BASE = '/api/v1'
SANITIZER = re.compile(r'ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|msg="bug"|stack smashing')
ENV = dict(os.environ,
           ASAN_OPTIONS='detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=0',
           UBSAN_OPTIONS='print_stacktrace=1:halt_on_error=1',
           TSAN_OPTIONS='halt_on_error=0', LC_ALL='C.UTF-8', TZ='UTC')
for name in [n for n in ENV if n.startswith('KITH_')]:
    del ENV[name]

_serial = itertools.count(1)


def serial():
    """A number no other call in this process got: for unique names."""
    return next(_serial)


class Postgres:
    """A cluster in a temporary folder, reached by a socket there, without fsync; stopped and removed by stop()."""

    def __init__(self):
        found = sorted(glob.glob('/usr/lib/postgresql/*/bin'), key=lambda p: int(p.split('/')[4]))
        self.bin = found[-1] if found else os.path.dirname(shutil.which('initdb') or '')
        if not self.bin:
            raise RuntimeError('no PostgreSQL server is installed')
        self.dir = tempfile.mkdtemp(prefix='kith-pg-')
        os.chmod(self.dir, 0o755)
        self.prefix = []
        if os.getuid() == 0:
            self.prefix = ['runuser', '-u', 'postgres', '--']
            owner = pwd.getpwnam('postgres')
            os.chown(self.dir, owner.pw_uid, owner.pw_gid)
        self.data = os.path.join(self.dir, 'data')
        self._run('initdb', '-D', self.data, '-U', 'kith', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync')
        self._run('pg_ctl', '-D', self.data, '-w', '-l', os.path.join(self.dir, 'log'), '-o',
                  "-k %s -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
                  "-c max_connections=200 -c shared_buffers=64MB -c autovacuum=off" % self.dir, 'start')

    def _run(self, tool, *args):
        run = subprocess.run([*self.prefix, os.path.join(self.bin, tool), *args], cwd=self.dir, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        if run.returncode:
            raise RuntimeError('%s: %s' % (tool, run.stdout))

    def url(self, name):
        return 'postgres://kith@/%s?host=%s' % (name, self.dir)

    def sql(self, text, name='postgres'):
        """Runs `text`, returns the rows as lists of strings."""
        run = subprocess.run([os.path.join(self.bin, 'psql'), '-h', self.dir, '-U', 'kith', '-X', '-q', '-A', '-t',
                              '-v', 'ON_ERROR_STOP=1', '-d', name, '-c', text], text=True, capture_output=True)
        if run.returncode:
            raise RuntimeError(run.stderr)
        return [line.split('|') for line in run.stdout.splitlines()]

    def create(self, template=None):
        """A new database, a copy of `template` when given; returns its name."""
        name = 'kith_%d_%d' % (os.getpid(), serial())
        self.sql('CREATE DATABASE %s%s' % (name, ' TEMPLATE ' + template if template else ''))
        return name

    def drop(self, name):
        self.sql('DROP DATABASE IF EXISTS %s WITH (FORCE)' % name)

    def stop(self):
        self._run('pg_ctl', '-D', self.data, '-m', 'immediate', 'stop')
        shutil.rmtree(self.dir, ignore_errors=True)


def run(*args, input=None, expect=0, env=None):
    """Runs the binary, asserts its exit status (None: any), returns the finished process with text output."""
    done = subprocess.run([BIN, *args], input=input, text=True, capture_output=True, env=dict(ENV, **(env or {})),
                          timeout=120, **({} if input is not None else {'stdin': subprocess.DEVNULL}))
    assert not SANITIZER.search(done.stderr), done.stderr
    if expect is not None:
        assert done.returncode == expect, '%s\n%s%s' % (' '.join(args), done.stdout, done.stderr)
    return done


class Installation:
    """A data folder and, on PostgreSQL, a database.  `cli` runs a command on it."""

    def __init__(self, postgres=None, origin=None):
        self.postgres = postgres
        self.dir = tempfile.mkdtemp(prefix='kith-test-')
        self.data = os.path.join(self.dir, 'data')
        self.database, self.owns_database = None, True
        self.keys = dict(origin.keys) if origin else {}
        if origin:
            shutil.copytree(origin.data, self.data, ignore=shutil.ignore_patterns('*.sock', '*.lock'))
        if postgres:
            self.database = postgres.create(origin.database if origin else None)

    @property
    def options(self):
        return ['--data', self.data] + (['--db', self.postgres.url(self.database)] if self.postgres else [])

    def cli(self, *args, **kw):
        return run(*self.options, *args, **kw)

    def add_user(self, email, role='administrator', name=None, password=PASSWORD):
        """Adds a user by the command line; returns his new key."""
        self.cli('user', 'add', '--email', email, '--name', name or email.split('@')[0].title(), '--role', role,
                 '--password-stdin', input=password + '\n')
        return self.key(email)

    def key(self, email=ADMIN):
        """A key of that user, made once."""
        if email not in self.keys:
            self.keys[email] = self.cli('key', 'add', '--email', email).stdout.strip()
        return self.keys[email]

    def sql(self, text):
        """Looks into the database past the program (rows of strings)."""
        if self.postgres:
            return self.postgres.sql(text, self.database)
        path = glob.glob(os.path.join(self.data, '*.db'))[0]
        out = subprocess.run(['sqlite3', '-batch', '-separator', '|', path, text], text=True, capture_output=True)
        assert out.returncode == 0, out.stderr
        return [line.split('|') for line in out.stdout.splitlines()]

    def sibling(self):
        """A second data folder on the same PostgreSQL database: for another process beside the first."""
        other = Installation.__new__(Installation)
        other.postgres, other.database, other.keys = self.postgres, self.database, dict(self.keys)
        other.owns_database = False
        other.dir = tempfile.mkdtemp(prefix='kith-test-')
        other.data = os.path.join(other.dir, 'data')
        shutil.copytree(self.data, other.data, ignore=shutil.ignore_patterns('*.sock', '*.lock'))
        return other

    def remove(self):
        if self.postgres and self.owns_database:
            self.postgres.drop(self.database)
        shutil.rmtree(self.dir, ignore_errors=True)


_origins = {}


def install(postgres=None, bare=False):
    """A fresh installation with the administrator ADMIN and his key.  The first is made by the command line; later
    ones are copies of it.  `bare`: only an empty folder (and database), nothing initialised."""
    if bare:
        return Installation(postgres)
    kind = 'postgres' if postgres else 'sqlite'
    if kind not in _origins:
        origin = Installation(postgres)
        try:
            origin.cli('init', '--currency', 'USD')
            origin.add_user(ADMIN, 'administrator', 'Ada Admin')
        except BaseException:
            origin.remove()
            raise
        _origins[kind] = origin
    return Installation(postgres, _origins[kind])


def forget_installs():
    """Removes the snapshots; at the end of the session."""
    for origin in _origins.values():
        origin.remove()
    _origins.clear()


class Server:
    """A running `kith serve`.  Standard error is collected in `log`; stop() asserts a clean end."""

    def __init__(self, installation, *args, test_clock=None, binary=None, env=None):
        self.installation = installation
        self.env = env or {}
        self.args = list(args) + (['--test-clock', test_clock] if test_clock else [])
        self.binary = binary or BIN
        self.log_path = os.path.join(installation.dir, 'stderr.log')
        self.process = None
        self.start()

    def start(self):
        self.was_killed = False
        self.log_file = open(self.log_path, 'ab')
        self.process = subprocess.Popen(
            [self.binary, *self.installation.options, 'serve', '--listen', '127.0.0.1:0', *self.args],
            stdout=subprocess.PIPE, stderr=self.log_file, stdin=subprocess.DEVNULL,
            env=dict(ENV, **self.env), text=True)
        line = self._first_line(60)
        m = re.match(r'listening on (http://([\d.]+):(\d+))\s*$', line or '')
        if not m:
            self.process.kill()
            self.process.wait()
            raise AssertionError('serve said %r\n%s' % (line, self.log))
        self.url, self.host, self.port = m.group(1), m.group(2), int(m.group(3))
        threading.Thread(target=self._drain, args=(self.process.stdout,), daemon=True).start()
        return self

    def _first_line(self, seconds):
        got = []
        reader = threading.Thread(target=lambda: got.append(self.process.stdout.readline()), daemon=True)
        reader.start()
        reader.join(seconds)
        return got[0] if got else None

    @staticmethod
    def _drain(stream):
        for _ in stream:
            pass

    @property
    def log(self):
        with open(self.log_path, errors='replace') as f:
            return f.read()

    def client(self, email=ADMIN, **kw):
        """A client with a key of that user."""
        return Client(self, key=self.installation.key(email), **kw)

    def anonymous(self):
        return Client(self)

    def login(self, email=ADMIN, password=PASSWORD):
        """A client with a session cookie."""
        client = Client(self)
        client.post('/session', {'email': email, 'password': password}, expect=200)
        return client

    def add_user(self, email=None, role='administrator', name=None):
        """Adds a user (an address is made up when none is given); returns a client with his key, its `email` set."""
        email = email or 'user%d@example.com' % serial()
        self.installation.add_user(email, role, name)
        client = self.client(email)
        client.email = email
        return client

    def cli(self, *args, **kw):
        return self.installation.cli(*args, **kw)

    def stop(self):
        """SIGTERM; the server ends with 0 and no sanitizer report."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError('the server did not stop in 30 s\n' + self.log[-6000:])
        self.log_file.close()
        self.check_log()
        assert code == 0, 'the server ended with %d\n%s' % (code, self.log[-6000:])

    def check_log(self):
        m = SANITIZER.search(self.log)
        assert not m, self.log[max(0, m.start() - 500):m.start() + 8000]

    def kill(self):
        """SIGKILL, as a lost machine would."""
        self.was_killed = True
        self.process.kill()
        self.process.wait()
        self.log_file.close()

    def restart(self):
        if self.process.poll() is None:
            self.stop()
        return self.start()


class Reply:
    """Status, headers (lower case) and body; `json` is the parsed body or None."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode('utf-8', 'replace')

    @property
    def json(self):
        return json.loads(self.body) if self.body and 'json' in self.headers.get('content-type', '') else None

    def __repr__(self):
        return '<%d %s>' % (self.status, self.text[:2000])


class Client:
    """Speaks JSON over one kept connection.  Paths are under /api/v1 but for those of `ROOTS`.  Every verb takes
    `expect`: a status to assert, by default any 2xx; None accepts all.  It returns the parsed body (None when empty);
    request() returns the whole Reply."""

    ROOTS = ('/api/', '/health', '/metrics', '/assets')

    def __init__(self, server, key=None, timeout=60):
        self.server, self.key, self.timeout, self.cookie = server, key, timeout, None
        self.connection = None

    def request(self, method, path, body=None, headers=None, root=False, **params):
        if not root and not path.startswith(self.ROOTS):
            path = BASE + path
        if params:
            path += '?' + urllib.parse.urlencode({k: ('true' if v is True else v) for k, v in params.items()},
                                                 quote_via=urllib.parse.quote)
        send = {'Accept': 'application/json'}
        if self.key:
            send['Authorization'] = 'Bearer ' + self.key
        if self.cookie:
            send.update({'Cookie': self.cookie, 'Origin': self.server.url})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            send['Content-Type'] = 'application/json'
        send.update(headers or {})
        if isinstance(body, str):
            body = body.encode()
        return self._exchange(method, path, body, {k: v for k, v in send.items() if v is not None})

    def _exchange(self, method, path, body, headers):
        for attempt in (0, 1):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=self.timeout)
            try:
                self.connection.request(method, path, body, headers)
                got = self.connection.getresponse()
                data = got.read()
                break
            except (http.client.RemoteDisconnected, ConnectionError, BrokenPipeError):
                self.close()
                if fresh or attempt:
                    raise
        reply = Reply(got.status, {k.lower(): v for k, v in got.getheaders()}, data)
        if 'set-cookie' in reply.headers:
            self.cookie = reply.headers['set-cookie'].split(';')[0]
        return reply

    def _verb(self, method, path, body, expect, kw):
        reply = self.request(method, path, body, **kw)
        if expect == 'ok':
            assert 200 <= reply.status < 300, '%s %s %s -> %r' % (method, path, body, reply)
        elif expect is not None:
            assert reply.status == expect, '%s %s %s -> %r' % (method, path, body, reply)
        return reply.json

    def get(self, path, expect='ok', **kw):
        return self._verb('GET', path, None, expect, kw)

    def post(self, path, body=None, expect='ok', **kw):
        return self._verb('POST', path, body, expect, kw)

    def patch(self, path, body, expect='ok', **kw):
        return self._verb('PATCH', path, body, expect, kw)

    def delete(self, path, expect='ok', **kw):
        return self._verb('DELETE', path, None, expect, kw)

    def create(self, plural, **fields):
        """POSTs a record, returns it."""
        return self.post('/' + plural, fields, expect=201)

    def list(self, plural, **params):
        """The records of the first page."""
        return self.get('/' + plural, **params)['data']

    def all(self, plural, **params):
        """The records of all pages."""
        found, token = [], None
        while True:
            page = self.get('/' + plural, **dict(params, **({'page_token': token} if token else {})))
            found += page['data']
            token = page['next_page_token']
            if not token:
                return found

    def events(self, path, seconds=10, **params):
        """Yields (event, data) of a server-sent stream until `seconds` have passed without one."""
        if params:
            path += '?' + urllib.parse.urlencode(params)
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=seconds)
        headers = {'Accept': 'text/event-stream'}
        headers.update({'Authorization': 'Bearer ' + self.key} if self.key else {'Cookie': self.cookie})
        connection.request('GET', BASE + path, None, headers)
        got = connection.getresponse()
        assert got.status == 200, got.read()
        event, data = 'message', []
        try:
            while True:
                line = got.fp.readline() if not got.chunked else got.readline()
                if not line:
                    return
                line = line.decode().rstrip('\r\n')
                if not line:
                    if data:
                        yield event, json.loads('\n'.join(data))
                    event, data = 'message', []
                elif line.startswith('event:'):
                    event = line[6:].strip()
                elif line.startswith('data:'):
                    data.append(line[5:].strip())
        except (socket.timeout, TimeoutError):
            return
        finally:
            connection.close()

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None


def wait_for(what, seconds=10, every=0.05):
    """Calls `what` until it returns something true; returns that, or fails."""
    end = time.time() + seconds
    while True:
        got = what()
        if got:
            return got
        assert time.time() < end, 'not within %g s' % seconds
        time.sleep(every)

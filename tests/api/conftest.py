# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the black-box tests.

server        a running server, one for each test file and database (KITH_TEST_DB, default "sqlite,postgres")
api           its client, signed in as the administrator
make_server   starts servers of one's own: make_server(*args, bare=False, test_clock=None, installation=None, env=None)
db            "sqlite" or "postgres"
shared_data   the folder of real data; the test is skipped where it is absent

What does not depend on the database is asked on SQLite only: tests marked `any_database`, and those without `db`.
With KITH_TEST_CLAIMS, a folder, several runs share the work: each test file is run by the one that comes to it first.
"""
import os
import signal

import kith
import pytest
import schema

DATABASES = os.environ.get('KITH_TEST_DB', 'sqlite,postgres').split(',')
CLAIMS = os.environ.get('KITH_TEST_CLAIMS')
IS_LONG = bool(os.environ.get('KITH_TEST_LONG'))
LIMIT = 600 if IS_LONG else 120


def pytest_configure(config):
    config.addinivalue_line('markers', 'long: only in make test-long')
    config.addinivalue_line('markers', 'any_database: does not depend on the database')


def pytest_sessionstart(session):
    schema.install()
    if not os.path.exists(kith.BIN):
        pytest.exit('%s is not built' % kith.BIN, returncode=3)


def is_asked_already(item):
    """The same test has its answer from SQLite."""
    if 'db' not in item.fixturenames:
        return DATABASES == ['postgres']
    return bool(item.get_closest_marker('any_database')) and item.callspec.params['db'] == 'postgres'


def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=[item for item in items if is_asked_already(item)])
    items[:] = [item for item in items if not is_asked_already(item)]
    for item in items:
        if item.get_closest_marker('long') and not IS_LONG:
            item.add_marker(pytest.mark.skip(reason='only in make test-long'))


_ours = {}


def is_ours(path):
    """Whether this run does that file: decided once, for all runs with the same claims."""
    if path not in _ours:
        try:
            os.close(os.open(os.path.join(CLAIMS, path.name), os.O_CREAT | os.O_EXCL))
            _ours[path] = True
        except FileExistsError:
            _ours[path] = False
    return _ours[path]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """True: the test is not run here."""
    return True if CLAIMS and not is_ours(item.path) else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """A test that hangs fails after LIMIT seconds."""
    def expired(*_):
        raise TimeoutError('the test ran over %d s' % LIMIT)
    signal.signal(signal.SIGALRM, expired)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Puts what the server wrote during a failed test under the failure."""
    outcome = yield
    report = outcome.get_result()
    server = getattr(item, 'funcargs', {}).get('server')
    if report.when == 'call' and server is not None:
        log = server.log
        if report.failed:
            report.sections.append(('server log', log[getattr(item, 'log_from', 0):][-8000:]))
    elif report.when == 'setup' and server is not None:
        item.log_from = len(server.log)


@pytest.fixture(scope='session')
def postgres():
    if 'postgres' not in DATABASES:
        yield None
        return
    cluster = kith.Postgres()
    yield cluster
    kith.forget_installs()
    cluster.stop()


@pytest.fixture(scope='session', autouse=True)
def snapshots(postgres):
    yield
    kith.forget_installs()


@pytest.fixture(scope='module', params=DATABASES)
def db(request):
    return request.param


@pytest.fixture(scope='module')
def server(db, postgres):
    installation = kith.install(postgres if db == 'postgres' else None)
    running = None
    try:
        running = kith.Server(installation)
        yield running
        if running.process.poll() is None or running.process.returncode >= 0:
            running.stop()
        else:
            raise AssertionError('the server died: %d\n%s' % (running.process.returncode, running.log[-8000:]))
    finally:
        if running and running.process.poll() is None:
            running.kill()
        installation.remove()


@pytest.fixture
def api(server):
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def make_server(db, postgres):
    """Servers made here are stopped, and checked, at the end of the test."""
    servers, installations = [], []

    def make(*args, bare=False, test_clock=None, installation=None, env=None):
        if installation is None:
            installation = kith.install(postgres if db == 'postgres' else None, bare=bare)
        if installation not in installations:
            installations.insert(0, installation)
        server = kith.Server(installation, *args, test_clock=test_clock, env=env)
        servers.append(server)
        return server
    yield make
    try:
        for server in servers:
            if server.process.poll() is None:
                server.stop()
            server.check_log()
            assert server.was_killed or server.process.returncode == 0, 'the server died: %d\n%s' % (
                server.process.returncode, server.log[-8000:])
    finally:
        for server in servers:
            if server.process.poll() is None:
                server.kill()
        for installation in installations:
            installation.remove()


@pytest.fixture
def shared_data():
    if not os.path.isdir(kith.DATA):
        pytest.skip('no ../shared/data here')
    return kith.DATA

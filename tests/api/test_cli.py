# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: help, exit status (0 done, 1 failed, 2 wrong usage, 3 partly), JSON for scripts, where settings come
from, commands beside a running server, and the import as a script meets it."""
import csv
import json
import os
import re
import stat
from datetime import date

import kith
import pytest
import shop

COMMANDS = 'serve init demo import user key role schema cel config check bench version'.split()
ORDERS = {'iso': '{y}-{m:02}-{d:02}', 'dmy': '{d}.{m}.{y}', 'mdy': '{m}/{d}/{y}'}


@pytest.fixture
def home(db, postgres):
    """An installation with an administrator, no server."""
    installation = kith.install(postgres if db == 'postgres' else None)
    yield installation
    installation.remove()


@pytest.fixture
def table(tmp_path):
    """Writes rows to a CSV file, gives its path."""
    def write(rows, name='rows.csv'):
        path = os.path.join(tmp_path, name)
        with open(path, 'w', newline='') as f:
            csv.writer(f).writerows(rows)
        return path
    return write


def report(home, *args, expect=0):
    """What `kith import ... --json` says, one report a file."""
    done = home.cli('import', *args, '--json', expect=expect)
    return [json.loads(line) for line in done.stdout.splitlines()]


# --- help and status -------------------------------------------------------------------------------------------------

def test_help_lists_every_command():
    text = kith.run('--help').stdout
    assert kith.run('help').stdout == text
    for command in COMMANDS:
        assert re.search(r'^  %s +\S' % command, text, re.M), command


@pytest.mark.parametrize('command', COMMANDS)
def test_every_command_has_help(command, tmp_path):
    done = kith.run('--data', os.path.join(tmp_path, 'none'), command, '--help')
    assert 'usage: kith %s' % command in done.stdout and done.stderr == ''
    assert not os.path.exists(os.path.join(tmp_path, 'none'))


@pytest.mark.parametrize('args', [
    [], ['nonsense'], ['version', 'x'], ['config', '--what'], ['serve', 'x'], ['cel', 'x'], ['init', '--language', 'de'],
    ['--data'], ['--log-level', 'loud', 'config'], ['init', '--currency']])
def test_wrong_usage_is_two(args, tmp_path):
    env = {'KITH_DATA': os.path.join(tmp_path, 'none')} if args != ['--data'] else None
    done = kith.run(*args, expect=2, env=env)
    assert done.stderr and done.stdout == ''
    assert not os.path.exists(os.path.join(tmp_path, 'none'))


@pytest.mark.any_database
@pytest.mark.parametrize('args', [
    ['user'], ['user', 'drop'], ['user', 'add'], ['user', 'add', '--email', 'nobody'], ['user', 'reset'], ['key'],
    ['key', 'add'], ['role'], ['role', 'set'], ['role', 'list', 'x'], ['schema'], ['import'], ['import', 'nothing', 'x.csv'],
    ['check', 'x'], ['bench', 'x'], ['user', 'add', '--email']])
def test_wrong_usage_of_a_command_is_two(home, args):
    assert home.cli(*args, expect=2).stderr.startswith('kith: ')


def test_no_database_is_said_and_none_is_made(tmp_path):
    folder = os.path.join(tmp_path, 'none')
    done = kith.run('--data', folder, 'user', 'list', expect=1)
    assert folder in done.stderr and 'init' in done.stderr
    assert not os.path.exists(folder)


def test_failures_are_one(home):
    for args in (['init'], ['user', 'add', '--email', kith.ADMIN], ['user', 'add', '--email', 'a@b.c', '--role', 'none'],
                 ['key', 'add', '--email', 'nobody@example.com'], ['import', 'accounts', 'no-such-file.csv']):
        done = home.cli(*args, expect=1)
        assert done.stderr.startswith('kith: ') and 'SELECT' not in done.stderr.split('\n')[0]


def test_init_refuses_unknown_settings(tmp_path):
    for i, args in enumerate((['--currency', 'XYZ'], ['--zone', 'Nowhere/X'])):
        kith.run('--data', os.path.join(tmp_path, str(i)), 'init', *args, expect=1)


# --- JSON ------------------------------------------------------------------------------------------------------------

def test_version():
    assert re.match(r'kith \d+\.\d+', kith.run('version').stdout)
    assert re.match(r'\d+\.\d+', json.loads(kith.run('version', '--json').stdout)['version'])


def test_json_of_lists(home):
    users = json.loads(home.cli('user', 'list', '--json').stdout)
    assert [u['email'] for u in users] == [kith.ADMIN]
    assert set(users[0]) == {'id', 'email', 'name', 'role', 'may_sign_in'} and users[0]['may_sign_in'] is True
    roles = {r['key']: r['rights'] for r in json.loads(home.cli('role', 'list', '--json').stdout)}
    assert roles['administrator'] == {'administrator': True} and {'manager', 'sales', 'viewer'} <= set(roles)
    assert json.loads(home.cli('schema', 'plan', '--json').stdout) == []


def test_check_proves_the_database(home):
    claims = json.loads(home.cli('check', '--json').stdout)
    assert len(claims) == 6 and all(c['wrong'] == 0 for c in claims)
    assert sum(c['checked'] for c in claims) > 100


def test_check_sees_damage(home):
    home.cli('import', 'accounts', '/dev/stdin', input='name\nAcme\n', expect=None)
    home.sql("UPDATE \"user\" SET name = 'Somebody else' WHERE email = '%s'" % kith.ADMIN)
    done = home.cli('check', '--json', expect=1)
    assert sum(c['wrong'] for c in json.loads(done.stdout)) > 0


def test_bench_names_what_it_measures(home):
    lines = [json.loads(line) for line in home.cli('bench', '--json').stdout.splitlines()]
    assert len(lines) == 3 and all(line['us'] > 0 for line in lines)


# --- settings --------------------------------------------------------------------------------------------------------

def settings(*args, env=None):
    return json.loads(kith.run(*args, 'config', '--json', env=env).stdout)


def test_settings_name_their_origin(tmp_path):
    folder = str(tmp_path)
    with open(os.path.join(folder, 'kith.yaml'), 'w') as f:
        f.write('# settings\nlisten: 127.0.0.1:1001   # of the office\nlog-level: "warn"\npublic-url: https://a.example\n')
    got = settings('--data', folder, '--listen=127.0.0.1:1003',
                   env={'KITH_LISTEN': '127.0.0.1:1002', 'KITH_LOG_LEVEL': 'error'})
    assert got['data'] == {'value': folder, 'origin': 'flag'}
    assert got['listen'] == {'value': '127.0.0.1:1003', 'origin': 'flag'}
    assert got['log-level'] == {'value': 'error', 'origin': 'environment'}
    assert got['public-url'] == {'value': 'https://a.example', 'origin': 'kith.yaml'}
    assert got['db'] == {'value': '', 'origin': 'default'}
    assert settings('--data', folder)['listen'] == {'value': '127.0.0.1:1001', 'origin': 'kith.yaml'}


def test_unknown_settings_refuse_to_start(tmp_path):
    folder = str(tmp_path)
    assert 'KITH_LISTNE' in kith.run('--data', folder, 'config', env={'KITH_LISTNE': 'x'}, expect=1).stderr
    with open(os.path.join(folder, 'kith.yaml'), 'w') as f:
        f.write('listen: 127.0.0.1:0\nlistne: x\n')
    for command in ('config', 'serve', 'version'):
        assert 'kith.yaml:2' in kith.run('--data', folder, command, expect=1).stderr


def test_the_password_of_a_database_is_not_shown(tmp_path):
    text = kith.run('--data', str(tmp_path), '--db', 'postgres://kith:s3cret@db/kith', 'config').stdout
    assert 's3cret' not in text and 'postgres://kith:***@db/kith' in text


# --- beside a server -------------------------------------------------------------------------------------------------

def test_commands_go_through_the_socket(make_server, table):
    server = make_server()
    mode = os.stat(os.path.join(server.installation.data, 'kith.sock')).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    client = server.add_user('socket@example.com')
    path = table([['name'], ['Through the socket']])
    os.chdir(os.path.dirname(path))
    server.cli('import', 'accounts', os.path.basename(path))
    assert [r['name'] for r in client.list('accounts', filter="name == 'Through the socket'")] == ['Through the socket']
    assert server.cli('user', 'add', '--email', 'socket@example.com', expect=1).stderr
    assert server.cli('import', 'accounts', 'none.csv', expect=1).stderr
    assert server.cli('nonsense', expect=2).stderr
    json.loads(server.cli('check', '--json').stdout)


def test_a_second_server_on_the_folder_is_refused(make_server, db):
    if db == 'postgres':
        pytest.skip('any number of processes serve one PostgreSQL database')
    server = make_server()
    second = kith.run(*server.installation.options, 'serve', '--listen', '127.0.0.1:0', expect=1)
    assert second.stdout == '' and 'another' in second.stderr.lower()
    assert server.client().get('/me')


@pytest.mark.any_database
def test_a_command_leaves_the_input_of_its_script_alone(home):
    done = home.cli('user', 'list', input='not for it\n')
    assert kith.ADMIN in done.stdout


# --- users, keys, roles ----------------------------------------------------------------------------------------------

def test_a_link_sets_the_password(make_server):
    server = make_server()
    server.installation.add_user('forgot@example.com', 'sales')
    link = server.cli('user', 'reset', '--email', 'forgot@example.com').stdout.strip()
    token = re.fullmatch(r'\S*/reset\?token=(\S{30,})', link).group(1)
    server.anonymous().post('/password', {'token': token, 'password': 'a new long password'})
    server.login('forgot@example.com', 'a new long password')
    assert server.anonymous().request('POST', '/session', {'email': 'forgot@example.com', 'password': kith.PASSWORD}).status in (401, 403)
    assert server.anonymous().request('POST', '/password', {'token': token, 'password': 'once more please'}).status >= 400


@pytest.mark.any_database
def test_a_password_comes_from_standard_input(make_server):
    server = make_server()
    server.cli('user', 'password', '--email', kith.ADMIN, input='another good one\n')
    server.login(kith.ADMIN, 'another good one')
    assert server.cli('user', 'password', '--email', kith.ADMIN, input='short\n', expect=1).stderr
    assert server.cli('user', 'password', '--email', kith.ADMIN, input='', expect=2).stderr


@pytest.mark.any_database
def test_a_key_is_all_that_is_printed(make_server):
    server = make_server()
    out = server.cli('key', 'add', '--email', kith.ADMIN).stdout
    assert re.fullmatch(r'\S+\n', out)
    assert kith.Client(server, key=out.strip()).get('/me')['email'] == kith.ADMIN
    key = json.loads(server.cli('key', 'add', '--email', kith.ADMIN, '--json').stdout)['key']
    assert kith.Client(server, key=key).get('/me')['email'] == kith.ADMIN


def test_a_role_is_made_and_holds(make_server):
    server = make_server()
    server.cli('role', 'set', 'clerk', '--name', 'Clerk', '--rights', '{"account": {"read": "all"}}')
    clerk = server.add_user(role='clerk')
    server.client().create('accounts', name='Seen')
    assert [r['name'] for r in clerk.list('accounts')] == ['Seen']
    assert clerk.request('POST', '/accounts', {'name': 'No'}).status == 403
    server.cli('role', 'set', 'clerk', '--rights', '-', input='{"account": {"read": "all", "create": "all"}}')
    # On PostgreSQL the command is a process of its own: a server keeps rights it has read for three seconds.
    kith.wait_for(lambda: clerk.request('POST', '/accounts', {'name': 'Yes'}).status == 201, 20)
    roles = {r['key']: r for r in json.loads(server.cli('role', 'list', '--json').stdout)}
    assert roles['clerk'] == {'key': 'clerk', 'name': 'Clerk', 'rights': {'account': {'read': 'all', 'create': 'all'}}}


@pytest.mark.any_database
@pytest.mark.parametrize('rights', [
    '{', '[]', '{"acount": {"read": "all"}}', '{"account": {"raed": "all"}}', '{"account": {"read": "everything"}}',
    '{"account": {"read": "all", "limt": "true"}}', '{"account": {"limit": "no_such_field == 1"}}',
    '{"account": {"limit": "name =="}}', '{"account": {"fields": {"nmae": "hidden"}}}',
    '{"account": {"fields": {"name": "secret"}}}', '{"administrator": "yes"}'])
def test_misspelt_rights_are_refused(home, rights):
    """A word nobody knows would be a right nobody meant."""
    assert home.cli('role', 'set', 'clerk', '--rights', rights, expect=None).returncode in (1, 2)
    assert 'clerk' not in home.cli('role', 'list').stdout


@pytest.mark.any_database
def test_misspelt_rights_are_refused_by_the_api_too(api):
    reply = api.request('POST', '/roles', {'name': 'Clerk', 'rights': {'account': {'read': 'all', 'limt': 'false'}}})
    assert reply.status == 422 and reply.json['errors'][0]['field'] == 'rights'


# --- import ----------------------------------------------------------------------------------------------------------

def test_import_refuses_bad_rows_and_keeps_the_others(home, table):
    path = table([['name', 'employees'], ['Good', '12'], ['Bad', 'a dozen'], ['', '3'], ['Also good', '']])
    done = home.cli('import', 'accounts', path, expect=3)
    assert '2 created' in done.stdout and 'line 3' in done.stdout and 'line 4' in done.stdout
    [got] = report(home, 'account', path, expect=3)
    assert (got['object'], got['created'], got['refused']) == ('account', 2, 2)
    assert [(r['line'], bool(r['reason'])) for r in got['refusals']] == [(3, True), (4, True)]


@pytest.mark.any_database
def test_import_reads_numbers_as_people_write_them(make_server, table):
    server = make_server()
    good = {'1 234,50': '1234.50', '1\u00a0234.5': '1234.50', '$1,234.50': '1234.50', '1.234.567,89 zł': '1234567.89', "1'000": '1000.00'}
    bad = ['12-15', '3 of 4', '1e3', '(5)', 'many']
    path = table([['name', 'amount']] + [['good %d' % i, n] for i, n in enumerate(good)] + [['bad', n] for n in bad])
    got = report(server.installation, 'deals', path, expect=3)[0]
    assert (got['created'], got['refused']) == (len(good), len(bad))
    amounts = {r['name']: r['amount']['amount'] for r in server.client().list('deals', fields='name,amount')}
    assert amounts == {'good %d' % i: n for i, n in enumerate(good.values())}


@pytest.mark.any_database
@pytest.mark.parametrize('column,numbers,expected', [
    ('employees', ['1,234', '12', '1,234,567'], [1234, 12, 1234567]),
    ('employees', ['1.234', '12'], [1234, 12]),
    ('annual_revenue', ['1,234', '1,500,000'], ['1234.00', '1500000.00']),
    ('annual_revenue', ['1,234', '0,5'], ['1.23', '0.50']),
    ('annual_revenue', ['1.234', '2'], ['1.23', '2.00'])])
def test_thousands_are_told_by_the_column(make_server, table, column, numbers, expected):
    server = make_server()
    server.cli('import', 'accounts', table([['name', column]] + [[str(i), n] for i, n in enumerate(numbers)]))
    got = {r['name']: r[column] for r in server.client().list('accounts', fields='name,' + column)}
    assert [v['amount'] if isinstance(v, dict) else v for v in (got[str(i)] for i in range(len(numbers)))] == expected


@pytest.mark.any_database
def test_import_of_unknown_columns_is_refused(home, table):
    done = home.cli('import', 'accounts', table([['name', 'shoe size'], ['A', '42']]), expect=1)
    assert 'shoe size' in done.stderr and '--map' in done.stderr
    assert 'created' not in done.stdout


def test_import_matches_and_a_dry_run_writes_nothing(home, table):
    path = table([['outside_id', 'name'], ['1', 'One'], ['2', 'Two']])
    assert report(home, 'accounts', path, '--match', 'outside_id', '--dry-run')[0]['created'] == 2
    assert report(home, 'accounts', path, '--match', 'outside_id')[0]['created'] == 2
    again = report(home, 'accounts', path, '--match', 'outside_id')[0]
    assert (again['created'], again['updated'], again['unchanged']) == (0, 0, 2)
    path = table([['outside_id', 'name'], ['2', 'Second'], ['3', 'Three']])
    got = report(home, 'accounts', path, '--match', 'outside_id', '--mode', 'update', expect=3)[0]
    assert (got['created'], got['updated'], got['refused']) == (0, 1, 1)


@pytest.mark.any_database
def test_import_takes_labels_of_any_language(home, table):
    got = report(home, 'accounts', table([['Название', 'Liczba pracowników'], ['Ромашка', '7']]))
    assert got[0]['created'] == 1


def dated(order, days):
    return [['name', 'close_date']] + [['Deal %d' % i, ORDERS[order].format(y=y, m=m, d=d)] for i, (y, m, d) in enumerate(days)]


@pytest.mark.any_database
@pytest.mark.parametrize('order', sorted(ORDERS))
def test_dates_are_read_by_the_column(make_server, table, order):
    """One value above 12 decides it for the whole column."""
    server = make_server()
    days = [(2026, 3, 4), (2026, 11, 25), (2025, 12, 1)]
    server.cli('import', 'deals', table(dated(order, days)))
    got = {r['name']: r['close_date'] for r in server.client().list('deals', fields='name,close_date')}
    assert got == {'Deal %d' % i: '%d-%02d-%02d' % day for i, day in enumerate(days)}


@pytest.mark.any_database
def test_an_ambiguous_column_is_refused_with_the_reason(home, table):
    path = table(dated('mdy', [(2026, 3, 4), (2026, 11, 12)]))
    done = home.cli('import', 'deals', path, expect=1)
    assert 'close_date' in done.stderr and '--date-order' in done.stderr
    assert report(home, 'deals', path, '--date-order', 'mdy')[0]['created'] == 2
    mixed = table([['name', 'close_date'], ['A', '25.12.2026'], ['B', '2026-12-25']])
    assert 'close_date' in home.cli('import', 'deals', mixed, expect=1).stderr


# --- a real shop -----------------------------------------------------------------------------------------------------

def real(shared_data):
    folder = os.path.join(shared_data, 'crm-sales')
    if not os.path.isdir(folder):
        pytest.skip('no crm-sales here')
    return folder


def shop_facts(client):
    stages = {r['stage']['label']: r for r in client.get('/deals:aggregate', group_by='stage', measures='count(),sum(amount)')['data']}
    assert {name: r['count()'] for name, r in stages.items()} == {'Prospecting': 500, 'Engaging': 1589, 'Won': 4238, 'Lost': 2473}
    assert float(stages['Won']['sum(amount)']['amount']) == 10005534 and stages['Won']['sum(amount)']['currency'] == 'USD'
    assert client.get('/accounts', total=True, page_size=1)['total'] == 85
    assert client.get('/deals', total=True, page_size=1, filter='account == null')['total'] == 1425
    assert client.get('/deals', total=True, page_size=1, filter="product.name == 'GTX Pro'")['total'] == 1480


def sold(folder):
    """What the CSV says of deals won and lost: (stage, agent, days, value)."""
    days = lambda row: (date.fromisoformat(row['close_date']) - date.fromisoformat(row['engage_date'])).days
    with open(os.path.join(folder, 'sales_pipeline.csv'), newline='') as f:
        return [(r['deal_stage'].lower(), r['sales_agent'], days(r), float(r['close_value'])) for r in csv.DictReader(f)
                if r['deal_stage'] in ('Won', 'Lost')]


def shop_figures(client, folder):
    """Win rate, days to close and sums by agent: counted here from the CSV, there by the server."""
    rows = sold(folder)
    won = [r for r in rows if r[0] == 'won']
    got = {r['category']: r for r in client.get('/deals:aggregate', group_by='category', measures='count(),sum(amount),avg(cycle_days)',
                                                filter='closed_on != null')['data']}
    assert set(got) == {'won', 'lost'} and got['won']['count()'] + got['lost']['count()'] == len(rows)
    assert round(100 * got['won']['count()'] / len(rows), 2) == round(100 * len(won) / len(rows), 2) == 63.15
    assert round(float(got['won']['avg(cycle_days)']), 2) == round(sum(r[2] for r in won) / len(won), 2) == 51.78
    agents = client.get('/deals:aggregate', group_by='owner', measures='count(),sum(amount),avg(cycle_days)', filter="category == 'won'")['data']
    assert len(agents) == len({r[1] for r in won})
    for row in agents:
        mine = [r for r in won if r[1] == row['owner']['label']]
        assert (row['count()'], float(row['sum(amount)']['amount'])) == (len(mine), sum(r[3] for r in mine)), row
        assert abs(float(row['avg(cycle_days)']) - sum(r[2] for r in mine) / len(mine)) < 0.0051


def test_a_real_shop_comes_in_whole(make_server, shared_data):
    folder = real(shared_data)
    server = make_server()
    reports = {}
    for got in report(server.installation, folder):
        reports.setdefault(got['object'], []).append(got)
    assert reports['deal'][0]['created'] == 8800 and reports['deal'][0]['refused'] == 0
    note = [n for n in reports['deal'][0]['notes'] if 'GTXPro' in n['text']]
    assert note and 'GTX Pro' in note[0]['text'] and note[0]['rows'] == 1480
    assert sum(r['created'] for r in reports['user']) == 35 + len({r['id'] for r in managers(server)})
    shop_facts(server.client())
    shop_figures(server.client(), folder)
    shop.check_forecast(server.client(), folder)
    shop.check_bridge(server.client(), folder)
    shop.check_reports(server.client(), folder)
    assert all(u['may_sign_in'] is False for u in server.client().all('users', filter='outside_id != null', page_size=200))
    again = report(server.installation, folder)
    assert sum(r['created'] + r['refused'] for r in again) == 0


def managers(server):
    return server.client().all('users', filter="role.key == 'manager' && outside_id != null")


@pytest.mark.any_database
@pytest.mark.parametrize('order', ['dmy', 'mdy'])
def test_a_real_shop_with_other_dates(make_server, shared_data, table, order):
    folder = real(shared_data)
    server = make_server()
    for name in os.listdir(folder):
        if not name.endswith('.csv'):
            continue
        with open(os.path.join(folder, name), newline='') as f:
            rows = list(csv.reader(f))
        rows = [[re.sub(r'^(\d{4})-(\d\d)-(\d\d)$', lambda m: ORDERS[order].format(y=m[1], m=int(m[2]), d=int(m[3])), cell)
                 for cell in row] for row in rows]
        written = table(rows, name)
    server.cli('import', os.path.dirname(written))
    client = server.client()
    shop_facts(client)
    dates = {r['outside_id']: r['close_date'] for r in client.list('deals', filter="outside_id == '1C1I7A6R'")}
    assert dates == {'1C1I7A6R': '2017-03-01'}

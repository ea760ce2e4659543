# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores of leads: points, fading, reasons, the fit grade; kept on write, brought up to date when a rule changes."""
import datetime

import kith


def ms(text):
    return str(int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp() * 1000))


def rule(api, name, condition, points, **more):
    return api.create('score_rules', name=name, condition=condition, points=points, **more)


def fresh(api, record):
    return api.get('/leads/' + record['id'])


def test_points_fade_and_grade(make_server):
    server = make_server(test_clock=ms('2026-03-10T10:00:00Z'))
    api = server.client()
    old = api.create('leads', title='Old', source='partner', employees=500, received_at='2026-02-08T10:00:00Z')
    assert (old['score'], old['grade'], old['score_why']) == (None, None, None)
    rule(api, 'Partner', "source == 'partner'", 40)
    rule(api, 'Fresh', 'received_at != null', 100, half_life=30, decays_from='received_at')
    rule(api, 'Free mail', "emails.exists(e, e.value.endsWith('@mail.example'))", -25)
    rule(api, 'Small', 'employees < 10', 3)
    rule(api, 'Big', 'employees >= 100', 30, kind='fit')
    off = rule(api, 'Ours', "country == 'PL'", 10, kind='fit')
    kith.wait_for(lambda: fresh(api, old)['score'] == 90, 30)
    got = fresh(api, old)
    assert got['score_why'] == '+50 Fresh\n+40 Partner' and got['grade'] == 'A' and got['version'] == old['version']
    new = api.create('leads', title='New', source='partner', emails='x@mail.example', employees=5, country='PL')
    assert new['score'] == 118 and new['score_why'] == '+100 Fresh\n+40 Partner\n-25 Free mail' and new['grade'] == 'C'
    assert api.patch('/leads/' + new['id'], {'emails': None, 'employees': None, 'country': None})['score'] == 140
    assert fresh(api, new)['grade'] == 'D'
    api.patch('/score_rules/' + off['id'], {'is_active': False})
    assert [x['title'] for x in api.list('leads', order_by='-score', filter='score > 0')] == ['New', 'Old']
    server.stop()
    api = make_server(test_clock=ms('2026-04-09T10:00:00Z'), installation=server.installation).client()
    kith.wait_for(lambda: fresh(api, old)['score'] == 65, 30)
    assert fresh(api, new)['score'] == 90
    server.cli('check')


def test_rules_are_checked(server, api):
    for wrong in ({'condition': 'nothing ==='}, {'condition': 'no_such == 1'}, {'half_life': 3}, {'points': 5000}):
        body = {**dict(name='R', condition='employees > 1', points=1), **wrong}
        reply = api.request('POST', '/score_rules', body)
        assert reply.status == 422, reply
    assert server.add_user(role='sales').request('POST', '/score_rules', dict(name='R', condition='true', points=1)).status == 403

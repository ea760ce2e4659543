# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines of objects other than deals: a site gives accounts a pipeline, and the rules of its stages hold for them."""
import os

import pytest
from test_deals import fields_of

LAYER = """extend: account
set: {path: stage}
add:
  fields:
    pipeline: {type: reference, to: pipeline, label: {en: Pipeline, ru: Воронка, pl: Lejek}}
    stage: {type: reference, to: stage, label: {en: Stage, ru: Этап, pl: Etap}}
    stage_since: {type: timestamp, readonly: true, label: {en: Since, ru: С, pl: Od}}
    lost_reason: {type: text, label: {en: Why, ru: Почему, pl: Dlaczego}}
"""


@pytest.fixture
def onboarding(make_server):
    """A server whose accounts go through welcome, set-up, live and gone; ids of the stages."""
    server = make_server()
    server.stop()
    folder = os.path.join(server.installation.data, 'site')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'account.yaml'), 'w') as f:
        f.write(LAYER)
    server.restart()
    api = server.client()
    pipeline = api.create('pipelines', name='Onboarding', object='account', going_back='ask')['id']
    rules = [('Welcome', 'open', {'leave_fields': ['website'], 'checklist': 'Called'}), ('Set up', 'open', {'enter_if': 'name != "Nobody"'}),
             ('Live', 'won', {}), ('Gone', 'lost', {})]
    made = [api.create('stages', name=name, category=category, pipeline=pipeline, position=i, **more) for i, (name, category, more) in enumerate(rules)]
    return server, {s['name']: s['id'] for s in made}


@pytest.mark.any_database
def test_rules_hold_for_any_object(onboarding, db):
    server, ids = onboarding
    api = server.client()
    assert fields_of(api.request('POST', '/pipelines', {'name': 'x', 'object': 'product'}))['object']
    assert fields_of(api.request('PATCH', '/stages/' + ids['Live'], {'enter_fields': ['amount']}))['enter_fields']   # no field of accounts
    seller = server.add_user(role='sales')
    account = seller.create('accounts', name='Mill', kind='company', stage=ids['Welcome'])
    path = '/accounts/' + account['id']
    assert account['pipeline']['label'] == 'Onboarding'
    assert list(fields_of(seller.request('PATCH', path, {'stage': ids['Set up']}))) == ['website']
    moved = seller.patch(path, {'stage': ids['Set up'], 'website': 'https://mill.example'})
    assert moved['stage_since'] and moved['stage']['label'] == 'Set up'
    assert list(fields_of(seller.request('PATCH', path, {'stage': ids['Gone']}))) == ['lost_reason']
    nobody = seller.create('accounts', name='Nobody', kind='company', stage=ids['Welcome'], website='https://nobody.example')
    assert list(fields_of(seller.request('PATCH', '/accounts/' + nobody['id'], {'stage': ids['Set up']}))) == ['stage']
    api.create('deals', name='Not concerned')

    assert list(fields_of(seller.request('PATCH', path, {'stage': ids['Welcome']}))) == ['stage']
    asked = seller.post(path + ':ask_back', {'stage': ids['Welcome'], 'note': 'They moved house'})['approval']
    assert seller.request('POST', '/approvals/%s:grant' % asked['id'], {}).status == 403
    api.post('/approvals/%s:grant' % asked['id'], {})
    assert seller.get(path)['stage']['label'] == 'Welcome'
    board = {c['label']: c['count'] for c in api.get('/accounts:board', by='stage', filter="pipeline == '%s'" % account['pipeline']['id'])['columns']}
    assert board['Welcome'] == 2
    actions = {o['name']: [a['name'] for a in o.get('actions', [])] for o in api.get('/meta')['objects']}
    assert 'ask_back' in actions['account'] and 'ask_back' in actions['deal'] and 'ask_back' not in actions['product']

# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks: trees of steps as data, gone through beside a record, taken over by another, and what they are worth."""
import kith
import pytest
from test_deals import fields_of, new_stages


def new_book(api, steps, **fields):
    """A playbook of these (key, fields), switched on."""
    book = api.create('playbooks', name='B%d' % kith.serial(), **fields)
    api.post('/playbook_steps:batchCreate', {'data': [dict({'playbook': book['id'], 'key': key, 'text': key.title(), 'position': i}, **more)
                                                      for i, (key, more) in enumerate(steps)]})
    return api.patch('/playbooks/' + book['id'], {'is_active': True})


TREE = [('hello', {'text_ru': 'Привет', 'text_pl': 'Cześć'}),
        ('fit', {'kind': 'branch', 'required': True, 'answers': 'Yes / Да / Tak -> offer\nNo → bye\n\nPerhaps'}),
        ('why', {'kind': 'ask'}),
        ('offer', {'kind': 'do', 'task': 'Send the offer', 'task_days': 2, 'answers': 'Done -> end'}),
        ('bye', {})]


class Deal:
    def __init__(self, api, **fields):
        self.api = api
        self.path = '/deals/' + api.create('deals', name='Played %d' % kith.serial(), **fields)['id']
        self.id = self.path.split('/')[2]

    def tell(self, api=None):
        return (api or self.api).post(self.path + ':playbook')

    def try_to(self, book, api=None, **how):
        return (api or self.api).request('POST', self.path + ':play', dict(how, playbook=book['id']))

    def play(self, book, api=None, **how):
        reply = self.try_to(book, api, **how)
        assert reply.status == 200, reply
        return reply.json['runs'][0]


def test_a_tree_is_gone_through(api):
    book = new_book(api, TREE)
    deal = Deal(api)
    offered = [b for b in deal.tell()['playbooks'] if b['id'] == book['id']][0]
    assert [s['key'] for s in offered['steps']] == ['hello', 'fit', 'why', 'offer', 'bye'] and offered['is_offered']
    assert [(a['label'], a['to']) for a in offered['steps'][1]['answers']] == [('Yes', 'offer'), ('No', 'bye'), ('Perhaps', None)]
    assert deal.play(book)['step'] == 'hello'
    assert deal.play(book, step='hello')['step'] == 'fit'
    for wrong, field in (({'answer': 'Maybe'}, 'answer'), ({}, 'answer'), ({'skip': True}, 'skip'), ({'step': 'none'}, 'step')):
        assert list(fields_of(deal.try_to(book, **dict({'step': 'fit'}, **wrong)))) == [field]
    assert deal.play(book, step='fit', answer='Perhaps')['step'] == 'why'
    assert deal.play(book, step='fit', answer='No')['step'] == 'bye'        # he goes back and thinks again
    assert deal.play(book, step='fit', answer='Tak', note='At once')['step'] == 'offer'
    run = deal.play(book, step='offer', answer='Done')
    assert (run['status'], run['step']) == ('finished', None) and run['finished_at']
    assert [(a['step'], a['answer'], a['note']) for a in run['answers']] == [('hello', None, None), ('fit', 'Yes', 'At once'), ('offer', 'Done', None)]
    task = api.list('activities', filter="deal == '%s'" % deal.id)[0]
    assert task['subject'] == 'Send the offer' and task['kind'] == 'task' and task['about']['id'] == deal.id
    changes = [c for h in api.get('/playbook_runs/%s/history' % run['id'])['data'] for c in h['changes'] if c['field'] == 'answers']
    assert sum('"No"' in str(c['after']).replace("'", '"') for c in changes) == 1   # what was thought before is kept
    again = deal.play(book)
    assert again['id'] != run['id'] and again['step'] == 'hello'
    assert deal.play(book, leave=True)['status'] == 'left' and deal.try_to(book, leave=True).status == 409


def test_an_answer_may_have_to_be_given(api):
    book = new_book(api, [('who', {'kind': 'ask', 'required': True}), ('more', {'kind': 'ask'})])
    deal = Deal(api)
    assert list(fields_of(deal.try_to(book, step='who'))) == ['answer']
    assert deal.play(book, step='who', note='The director')['step'] == 'more'
    assert deal.play(book, step='more', skip=True)['status'] == 'finished'


def test_the_next_one_takes_over(server, api):
    """A newcomer sees where the one before him stopped, and goes on; who may only read may not."""
    book = new_book(api, TREE)
    first, second, viewer = (server.add_user(role=r) for r in ('sales', 'sales', 'viewer'))
    deal = Deal(first)
    deal.play(book, step='hello', note='Anna is on holiday')
    assert deal.try_to(book, second).status == 404 and second.request('POST', deal.path + ':playbook').status == 404
    api.patch(deal.path, {'owner': second.get('/me')['id']})
    run = deal.tell(second)['runs'][0]
    assert (run['step'], run['last_by']['label'], run['answers'][0]['note']) == ('fit', first.get('/me')['name'], 'Anna is on holiday')
    run = deal.play(book, second, step='fit', answer='No')
    assert (run['by']['label'], run['last_by']['label']) == (first.get('/me')['name'], second.get('/me')['name'])
    assert deal.tell(viewer)['runs'][0]['step'] == 'bye' and deal.try_to(book, viewer, step='bye').status == 403
    assert second.request('PATCH', '/playbook_runs/' + run['id'], {'step': 'fit'}).status in (400, 403, 404, 422)
    assert second.request('PATCH', '/playbooks/' + book['id'], {'name': 'Mine'}).status == 403


@pytest.mark.any_database
def test_where_one_applies(api, db):
    ids = new_stages(api)
    here = new_book(api, TREE, stage=ids['Proposal'], condition='amount > 100')
    offered = lambda deal: here['id'] in {b['id'] for b in deal.tell()['playbooks'] if b['is_offered']}
    deal = Deal(api, stage=ids['New'], amount={'amount': '500', 'currency': 'USD'})
    assert not offered(deal) and list(fields_of(deal.try_to(here))) == ['playbook']
    api.patch(deal.path, {'stage': ids['Proposal']})
    assert offered(deal) and not offered(Deal(api, stage=ids['Proposal']))
    deal.play(here, step='hello')
    api.patch(deal.path, {'stage': ids['Negotiation']})
    assert not offered(deal) and deal.tell()['runs'][0]['step'] == 'fit'   # what was begun stays to be seen
    call = new_book(api, TREE, object='activity', activity_kind='call')
    made = {kind: api.create('activities', subject='S', kind=kind, deal=deal.id)['id'] for kind in ('call', 'task')}
    names = {kind: {b['id'] for b in api.post('/activities/%s:playbook' % made[kind])['playbooks']} for kind in made}
    assert call['id'] in names['call'] and call['id'] not in names['task']
    run = api.post('/activities/%s:play' % made['call'], {'playbook': call['id']})['runs'][0]
    assert api.get('/playbook_runs/' + run['id'])['deal']['id'] == deal.id
    assert list(fields_of(api.request('POST', '/playbooks', {'name': 'x', 'condition': 'colour ==', 'object': 'deal'}))) == ['condition']


@pytest.mark.any_database
def test_a_tree_leads_somewhere(api, db):
    book = api.create('playbooks', name='Half done')
    path = '/playbooks/' + book['id']
    on = lambda: api.request('PATCH', path, {'is_active': True})
    assert list(fields_of(on())) == ['is_active']
    step = lambda key, **more: api.request('POST', '/playbook_steps', dict({'playbook': book['id'], 'key': key, 'text': key}, **more))
    assert step('one', answers='Go -> two').status == 201
    assert 'two' in fields_of(on())['answers']['message']
    for wrong, field in (({'key': 'No Key'}, 'key'), ({'key': 'end'}, 'key'), ({'key': 'x', 'answers': ' -> two'}, 'answers')):
        assert list(fields_of(step(wrong.pop('key'), **wrong))) == [field]
    two = step('two', answers='Back -> one').json['id']   # round and round is allowed
    assert on().status == 200 and step('one').status == 409
    assert list(fields_of(step('three', answers='Go -> four'))) == ['answers']
    assert api.request('DELETE', '/playbook_steps/' + two).status == 400
    api.delete(path)
    assert api.list('playbook_steps', filter="playbook == '%s'" % book['id']) == []


def test_what_it_is_worth(api):
    book = new_book(api, [('only', {})])
    for outcome in ('win', 'win', 'lose', None):
        deal = Deal(api)
        deal.play(book, step='only')
        if outcome:
            api.post(deal.path + ':' + outcome, {'reason': 'price'} if outcome == 'lose' else {})
    Deal(api).play(book)
    api.post(Deal(api).path + ':lose', {'reason': 'price'})
    use = api.post('/playbooks/%s:use' % book['id'])
    assert (use['runs'], use['finished'], use['going'], use['left']) == (5, 4, 1, 0)
    assert use['with'] == {'won': 2, 'lost': 1, 'rate': '66.67'} and use['without']['won'] == 0 and use['without']['rate'] == '0.00'
    share = api.get('/playbook_runs:aggregate', group_by='status', filter="playbook == '%s'" % book['id'])['data']
    assert {r['status']: r['count()'] for r in share} == {'finished': 4, 'going': 1}
    won = api.get('/deals:aggregate', group_by='category', filter="playbook_runs.exists(r, r.playbook == '%s' && r.status == 'finished')" % book['id'])['data']
    assert {r['category']: r['count()'] for r in won} == {'won': 2, 'lost': 1, 'open': 1}


@pytest.mark.any_database
def test_those_a_new_installation_has(make_server, db):
    """A qualifying call and a negotiation, in the language of whoever reads them; each way through comes to an end."""
    server = make_server()
    api = server.client()
    books = {b['name']: b for b in api.all('playbooks')}
    assert set(books) == {'Qualifying call', 'Negotiation'} and all(b['is_active'] for b in books.values())
    assert books['Negotiation']['stage']['label'] == 'Negotiation'
    lead = api.create('leads', title='Rings')
    told = api.post('/leads/%s:playbook' % lead['id'])['playbooks'][0]
    steps = {s['key']: s for s in told['steps']}
    order = [s['key'] for s in told['steps']]
    after = lambda key, a: None if a and a['to'] == 'end' else a['to'] if a and a['to'] else order[order.index(key) + 1]
    seen, todo = set(), [order[0]]
    while todo:
        key = todo.pop()
        if key and key not in seen:
            seen.add(key)
            todo += [after(key, a) for a in steps[key]['answers'] or [None]]
    assert seen == set(order)
    api.patch('/me', {'language': 'ru'})
    russian = api.post('/leads/%s:playbook' % lead['id'])['playbooks'][0]['steps']
    assert russian[1]['text'] == 'Удобно ли сейчас говорить?' and [a['label'] for a in russian[1]['answers']] == ['Да', 'Нет']
    run = api.post('/leads/%s:play' % lead['id'], {'playbook': told['id'], 'step': 'moment', 'answer': 'Нет'})['runs'][0]
    assert run['step'] == 'later' and run['answers'][0]['answer'] == 'No'

# SPDX-License-Identifier: GPL-3.0-or-later
"""Many people at once on one server: they sign in, write, list, look at boards and listen to the feed.  `make tsan` runs
this against the server built with ThreadSanitizer, where any report of it fails the test."""
import threading
import time

import kith

PEOPLE, SECONDS = 8, 3
BUSY = (404, 409, 412)  # another was quicker


class Person(threading.Thread):
    """Works until `until`.  `made` counts the deals he was told of; `problem` is what should not have happened."""

    def __init__(self, server, email, shared, until):
        super().__init__(daemon=True)
        self.server, self.email, self.shared, self.until = server, email, shared, until
        self.made, self.turns, self.problem = 0, 0, None

    def run(self):
        try:
            self.client = self.server.login(self.email)
            while time.time() < self.until:
                self.turn()
            self.ask('DELETE', '/session')
        except Exception as problem:  # shown by the test
            self.problem = repr(problem)

    def ask(self, method, path, body=None, may=(), **params):
        headers = {'Origin': self.server.url} if method != 'GET' else None
        reply = self.client.request(method, path, body, headers, **params)
        assert reply.status < 300 or reply.status in may, '%s %s: %r' % (method, path, reply)
        return reply.json if reply.status < 300 else None

    def turn(self):
        account, common = self.shared['account'], self.shared['deal']
        deal = self.ask('POST', '/deals', {'name': 'Crowd', 'account': account, 'amount': {'amount': '10.00', 'currency': 'USD'}})
        self.made += 1
        self.turns += 1
        self.ask('PATCH', '/deals/' + deal['id'], {'next_step': 'Call', 'version': deal['version']}, BUSY)
        self.ask('PATCH', '/accounts/' + account, {'description': '%s %d' % (self.email, self.turns)}, BUSY)
        self.ask('POST', '/deals:batchUpdate', {'ids': [deal['id'], common], 'set': {'next_step': str(self.turns)}}, BUSY)
        self.ask('GET', '/deals', filter="category == 'open'", order_by='-amount', total='true')
        self.ask('GET', '/deals:board', by='stage', per='20')
        self.ask('GET', '/deals:aggregate', group_by='stage', measures='count(),sum(amount)')
        self.ask('GET', '/accounts/%s/timeline' % account)
        self.ask('GET', '/search', q='crowd')
        self.ask('GET', '/today')
        self.ask('GET', '/meta', lang='pl')


def listen(client, heard):
    for event, _ in client.events('/feed', seconds=2, objects='deal'):
        heard.append(event)


def test_a_crowd_at_work(make_server):
    server = make_server()
    api = server.client()
    account = api.create('accounts', name='Crowd and sons')
    shared = {'account': account['id'], 'deal': api.create('deals', name='Common', account=account['id'])['id']}
    emails = [server.add_user().email for _ in range(2)] + [kith.ADMIN]
    heard = []
    ear = threading.Thread(target=listen, args=(api, heard), daemon=True)
    ear.start()
    people = [Person(server, emails[n % len(emails)], shared, time.time() + SECONDS) for n in range(PEOPLE)]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
    assert [p.problem for p in people if p.problem] == []
    assert all(p.turns for p in people), 'everybody got a turn'
    total = server.client().get('/deals', filter="name == 'Crowd'", total='true', page_size='1')['total']
    assert total == sum(p.made for p in people)
    ear.join(20)
    assert 'tick' in heard

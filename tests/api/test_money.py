# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotes, orders, invoices, payments: totals, prices, taxes, numbers, what is owed."""
import itertools
import threading
from decimal import Decimal

import pytest

_n = itertools.count(1)


def usd(amount):
    return {'amount': str(amount), 'currency': 'USD'}


def amount(value):
    return None if value is None else Decimal(value['amount'])


def account(api, **more):
    return api.post('/accounts', {'name': f'Buyer {next(_n)}', **more})


def product(api, price='100.00', **more):
    return api.post('/products', {'name': f'Thing {next(_n)}', 'price': usd(price), **more})


def quote(api, *lines, **more):
    """A quote with `lines` of (quantity, price) or maps."""
    doc = api.post('/quotes', {'account': account(api)['id'], **more} if 'account' not in more else more)
    add_lines(api, 'quote', doc, *lines)
    return api.get(f'/quotes/{doc["id"]}')


def add_lines(api, kind, doc, *lines):
    rows = []
    for line in lines:
        if isinstance(line, tuple):
            line = {'name': 'Work', 'quantity': str(line[0]), 'price': usd(line[1])}
        rows.append({kind: doc['id'], **line})
    if rows:
        api.post(f'/{kind}_lines:batchCreate', {'data': rows})


def lines(api, kind, doc):
    return api.get(f'/{kind}_lines', filter=f"{kind} == '{doc['id']}'", order_by='position', page_size=200)['data']


def invoice(api, *rows, issue=True, **more):
    doc = api.post('/invoices', {'account': account(api)['id'], **more} if 'account' not in more else more)
    add_lines(api, 'invoice', doc, *(rows or [(1, '100.00')]))
    if issue:
        api.post(f'/invoices/{doc["id"]}:issue', {})
    return api.get(f'/invoices/{doc["id"]}')


def rate(api, **more):
    return api.post('/tax_rates', {'name': f'Rate {next(_n)}', 'code': 'x', **more})


def code_of(reply):
    return reply['errors'][0]['code'] if reply.get('errors') else reply['detail']


# --- totals ---------------------------------------------------------------------------------------------------------

def test_totals_follow_the_lines(api):
    doc = quote(api, (3, '33.33'), {'name': 'Cut', 'quantity': '2', 'price': usd('50.00'), 'discount': '10', 'vat': '20'})
    assert (amount(doc['net']), amount(doc['tax']), amount(doc['gross'])) == (Decimal('189.99'), 18, Decimal('207.99'))
    assert doc['lines_count'] == 2 and amount(doc['discount_total']) == 10
    first, second = lines(api, 'quote', doc)
    assert first['position'] == 1 and second['position'] == 2 and first['tax_kind'] == 'outside'
    api.delete(f'/quote_lines/{first["id"]}')
    doc = api.get(f'/quotes/{doc["id"]}')
    assert amount(doc['net']) == 90 and doc['lines_count'] == 1
    api.patch(f'/quote_lines/{second["id"]}', {'quantity': '4'})
    assert amount(api.get(f'/quotes/{doc["id"]}')['net']) == 180


def test_discount_of_the_document_is_split_to_the_cent(api):
    doc = quote(api, (1, '10.00'), (1, '10.00'), (1, '10.00'), discount_amount=usd('10.00'))
    parts = [amount(line['net']) for line in lines(api, 'quote', doc)]
    assert sum(parts) == amount(doc['net']) == 20 and sorted(parts) == [Decimal('6.66'), Decimal('6.67'), Decimal('6.67')]
    api.patch(f'/quotes/{doc["id"]}', {'discount_amount': None, 'discount': '50'})
    assert amount(api.get(f'/quotes/{doc["id"]}')['net']) == 15
    refused = api.patch(f'/quotes/{doc["id"]}', {'discount_amount': usd('20.00')}, expect=422)
    assert code_of(refused) == 'line.discount'


def test_rounding_by_document_and_prices_with_tax(api):
    row = {'name': 'Small', 'quantity': '1', 'price': usd('0.03'), 'vat': '22'}
    doc = quote(api, row, row, row)
    assert amount(doc['tax']) == Decimal('0.03')
    api.patch(f'/quotes/{doc["id"]}', {'rounding': 'document'})
    doc = api.get(f'/quotes/{doc["id"]}')
    assert amount(doc['tax']) == Decimal('0.02') and sum(amount(r['tax']) for r in lines(api, 'quote', doc)) == Decimal('0.02')
    doc = quote(api, {'name': 'Gross', 'quantity': '1', 'price': usd('123.00'), 'vat': '23'}, with_tax=True)
    assert (amount(doc['net']), amount(doc['tax']), amount(doc['gross'])) == (100, 23, 123)
    assert doc['taxes'] == [{'kind': 'standard', 'rate': '23.0000', 'net': '100.0000', 'tax': '23.0000', 'gross': '123.0000'}]


def test_zero_rate_and_exempt_are_told_apart(api):
    exempt = rate(api, kind='exempt')
    doc = quote(api, {'name': 'Zero', 'quantity': '1', 'price': usd('5'), 'vat': '0'},
                {'name': 'Exempt', 'quantity': '1', 'price': usd('7'), 'tax_rate': exempt['id']})
    assert [(t['kind'], Decimal(t['net'])) for t in doc['taxes']] == [('zero', 5), ('exempt', 7)]
    assert api.post('/tax_rates', {'name': 'Bad', 'code': 'b', 'kind': 'exempt', 'rate': '5'}, expect=422)


def test_what_recurs(api):
    doc = quote(api, {'name': 'Seats', 'quantity': '10', 'price': usd('50'), 'period': 'month', 'term': 24},
                (1, '700.00'))
    assert [amount(doc[f]) for f in ('mrr', 'arr', 'once', 'tcv')] == [500, 6000, 700, 12700]


def test_absurd_lines_are_refused(api):
    doc = quote(api)
    for bad in ({'quantity': '-1', 'price': usd('5')}, {'quantity': '0', 'price': usd('5')},
                {'quantity': '1', 'price': usd('-5')}, {'quantity': '1', 'price': usd('5'), 'discount': '101'},
                {'quantity': '1', 'price': usd('5'), 'discount_amount': usd('6')},
                {'quantity': '999999999999', 'price': usd('99999999999')},
                {'quantity': '1', 'price': {'amount': '5', 'currency': 'EUR'}}):
        api.post('/quote_lines', {'quote': doc['id'], 'name': 'Bad', **bad}, expect=422)
    assert api.get(f'/quotes/{doc["id"]}')['lines_count'] == 0


# --- prices and taxes -----------------------------------------------------------------------------------------------

def book(api, currency='USD', **more):
    found = api.get('/currencies', filter=f"code == '{currency}'")['data'][0]
    return api.post('/price_books', {'name': f'Book {next(_n)}', 'currency': found['id'], **more})


def test_price_by_book_quantity_and_day(api):
    thing, tiers = product(api, '100'), book(api)
    for least, price, since in (('0', '90', None), ('10', '80', None), ('0', '95', '2030-01-01')):
        api.post('/prices', {'price_book': tiers['id'], 'product': thing['id'], 'min_quantity': least, 'price': usd(price),
                             'starts_on': since})
    doc = quote(api, {'product': thing['id'], 'quantity': '2'}, price_book=tiers['id'])
    line = lines(api, 'quote', doc)[0]
    assert amount(line['price']) == 90 and line['name'] == thing['name']
    api.patch(f'/quote_lines/{line["id"]}', {'quantity': '12'})
    assert amount(lines(api, 'quote', doc)[0]['price']) == 80
    api.patch(f'/quote_lines/{line["id"]}', {'price': usd('70')})
    api.patch(f'/quote_lines/{line["id"]}', {'quantity': '1'})
    line = lines(api, 'quote', doc)[0]
    assert (amount(line['price']), amount(line['list_price'])) == (70, 80)
    later = quote(api, {'product': thing['id'], 'quantity': '2'}, price_book=tiers['id'], date='2030-02-01')
    assert amount(lines(api, 'quote', later)[0]['price']) == 95


def test_a_changed_book_does_not_change_a_quote(api):
    thing, tiers = product(api, '100'), book(api)
    price = api.post('/prices', {'price_book': tiers['id'], 'product': thing['id'], 'price': usd('90')})
    doc = quote(api, {'product': thing['id'], 'quantity': '1'}, price_book=tiers['id'])
    assert doc['prices_changed'] is False
    api.patch(f'/prices/{price["id"]}', {'price': usd('99')})
    doc = api.get(f'/quotes/{doc["id"]}')
    assert doc['prices_changed'] is True and amount(doc['net']) == 90
    sent = api.post(f'/quotes/{doc["id"]}:send', {})
    assert [w['code'] for w in sent['warnings']] == ['warning.prices_changed']
    api.post('/undo')
    api.post(f'/quotes/{doc["id"]}:reprice')
    doc = api.get(f'/quotes/{doc["id"]}')
    assert doc['prices_changed'] is False and amount(doc['net']) == 99


def test_a_book_in_another_currency_needs_a_rate(api):
    eur_id, usd_id = (api.get('/currencies', filter=f"code == '{c}'")['data'][0]['id'] for c in ('EUR', 'USD'))
    api.post('/rates', {'currency': eur_id, 'date': '2025-01-01', 'rate': '1.25'})
    thing, euro = product(api, '100'), book(api, 'EUR')
    api.post('/prices', {'price_book': euro['id'], 'product': thing['id'],
                         'price': {'amount': '10', 'currency': 'EUR'}})
    doc = quote(api, price_book=euro['id'], currency=usd_id, date='2024-03-01')
    refused = api.post('/quote_lines', {'quote': doc['id'], 'product': thing['id'], 'quantity': '1'}, expect=422)
    assert code_of(refused) == 'rate.missing'
    api.patch(f'/quotes/{doc["id"]}', {'date': '2025-03-01'})
    line = api.post('/quote_lines', {'quote': doc['id'], 'product': thing['id'], 'quantity': '1'})
    assert amount(line['price']) == Decimal('12.5') and line['price']['currency'] == 'USD'


def test_tax_is_that_of_the_day(api):
    own = api.get('/own_companies')['data'][0]
    country = own['country']
    for value, since, until in (('20', None, '2025-12-31'), ('22', '2026-01-01', None)):
        rate(api, country=country, kind='standard', rate=value, starts_on=since, ends_on=until)
    thing = product(api, '100', tax_class='standard')
    for day, value in (('2025-12-31', '20'), ('2026-01-01', '22')):
        doc = quote(api, {'product': thing['id'], 'quantity': '1'}, date=day)
        assert amount(doc['tax']) == Decimal(value)


def test_a_bundle_costs_what_its_parts_cost(api):
    bundle = api.post('/products', {'name': 'Set', 'is_bundle': True})
    for price, quantity in (('10', '2'), ('5', '1')):
        api.post('/bundle_items', {'bundle': bundle['id'], 'product': product(api, price)['id'], 'quantity': quantity})
    doc = quote(api, {'product': bundle['id'], 'quantity': '3'})
    assert amount(doc['net']) == 75
    api.post('/bundle_items', {'bundle': bundle['id'], 'product': bundle['id'], 'quantity': '1'}, expect=422)


# --- quotes and orders ----------------------------------------------------------------------------------------------

def test_the_life_of_a_quote(api):
    doc = quote(api, (1, '100.00'))
    path = f'/quotes/{doc["id"]}'
    assert doc['status'] == 'draft' and doc['number'] and doc['revision'] == 1
    assert 'accepted' not in api.post(path + ':accept', expect=409)['detail']
    api.post(path + ':send', {'expires_on': '2020-01-01'}, expect=422)
    api.post(path + ':send', {})
    doc = api.get(path)
    assert doc['status'] == 'sent' and doc['expires_on'] and doc['sent_at']
    api.patch(path, {'discount': '5'}, expect=409)
    api.post('/quote_lines', {'quote': doc['id'], 'name': 'More', 'price': usd('1')}, expect=409)
    line = lines(api, 'quote', doc)[0]
    api.patch(f'/quote_lines/{line["id"]}', {'quantity': '2'}, expect=409)
    api.delete(f'/quote_lines/{line["id"]}', expect=409)
    second = api.post(path + ':revise')['quote']
    assert api.get(path)['status'] == 'superseded'
    api.post(path + ':accept', expect=409)
    doc = api.get(f'/quotes/{second["id"]}')
    assert (doc['revision'], doc['number'], amount(doc['net'])) == (2, api.get(path)['number'], 100)
    api.post(f'/quotes/{second["id"]}:send', {})
    api.post(f'/quotes/{second["id"]}:accept')
    api.post(f'/quotes/{second["id"]}:accept', expect=409)
    order = api.post(f'/quotes/{second["id"]}:create_order')['order']
    assert amount(api.get(f'/orders/{order["id"]}')['gross']) == 100
    api.post(f'/quotes/{second["id"]}:create_order', expect=409)


def test_an_expired_quote_is_not_accepted(make_server):
    server = make_server(test_clock='1772359200000')
    api = server.client()
    doc = quote(api, (1, '10'), date='2026-02-01')
    api.post(f'/quotes/{doc["id"]}:send', {'expires_on': '2026-03-01'})
    api.patch(f'/quotes/{doc["id"]}', {'expires_on': '2026-02-28'})
    refused = api.post(f'/quotes/{doc["id"]}:accept', expect=409)
    assert 'valid' in refused['detail']


def test_the_amount_of_a_deal_follows(api):
    deal = api.post('/deals', {'name': 'Follow', 'account': account(api)['id'], 'amount': usd('1'),
                               'amount_from': 'lines'})
    api.post('/deal_lines', {'deal': deal['id'], 'name': 'A', 'quantity': '2', 'price': usd('10')})
    line = api.post('/deal_lines', {'deal': deal['id'], 'name': 'B', 'quantity': '1', 'price': usd('5'), 'period': 'month',
                                    'term': 12})
    deal = api.get(f'/deals/{deal["id"]}')
    assert [amount(deal[f]) for f in ('amount', 'mrr', 'once', 'tcv')] == [80, 5, 20, 80]
    api.delete(f'/deal_lines/{line["id"]}')
    assert amount(api.get(f'/deals/{deal["id"]}')['amount']) == 20
    made = api.post(f'/deals/{deal["id"]}:create_quote')['quote']
    api.post(f'/quotes/{made["id"]}:send', {})
    api.patch(f'/deals/{deal["id"]}', {'amount_from': 'quote'})
    api.post(f'/quotes/{made["id"]}:accept')
    assert amount(api.get(f'/deals/{deal["id"]}')['amount']) == 20


def test_credit_limit_is_a_warning(api):
    buyer = account(api, credit_limit=usd('150'))
    doc = api.post('/quotes', {'account': buyer['id']})
    assert 'warnings' not in doc
    line = api.post('/quote_lines', {'quote': doc['id'], 'name': 'X', 'quantity': '2', 'price': usd('100')})
    assert [w['code'] for w in line['warnings']] == ['warning.credit_limit']
    krona = api.get('/currencies', filter="code == 'SEK'")['data'] or [api.post('/currencies', {'code': 'SEK', 'name': 'Krona'})]
    rate = api.post('/rates', {'currency': krona[0]['id'], 'date': '2020-01-01', 'rate': '0.1'})
    api.patch(f'/accounts/{buyer["id"]}', {'credit_limit': {'amount': '1000000', 'currency': 'SEK'}})
    api.delete(f'/rates/{rate["id"]}')
    line = api.post('/quote_lines', {'quote': doc['id'], 'name': 'Y', 'quantity': '1', 'price': usd('1')})
    assert [w['code'] for w in line['warnings']] == ['warning.credit_unknown'], 'no rate'


# --- invoices and payments ------------------------------------------------------------------------------------------

def test_an_order_is_invoiced_once(api):
    order = api.post('/orders', {'account': account(api)['id']})
    add_lines(api, 'order', order, (10, '5.00'), (1, '7.00'))
    first = api.post(f'/orders/{order["id"]}:create_invoice', {})['invoice']
    assert amount(api.get(f'/invoices/{first["id"]}')['gross']) == 57
    line = lines(api, 'invoice', first)[0]
    api.patch(f'/invoice_lines/{line["id"]}', {'quantity': '4'})
    api.post(f'/invoices/{first["id"]}:issue', {})
    second = api.post(f'/orders/{order["id"]}:create_invoice', {})['invoice']
    assert amount(api.get(f'/invoices/{second["id"]}')['gross']) == 30
    api.post(f'/orders/{order["id"]}:create_invoice', {}, expect=409)
    api.post(f'/invoices/{second["id"]}:cancel', {'reason': 'wrong'})
    third = api.post(f'/orders/{order["id"]}:create_invoice', {})['invoice']
    assert amount(api.get(f'/invoices/{third["id"]}')['gross']) == 30
    assert amount(api.get(f'/orders/{order["id"]}')['invoiced']) == 27


def test_payments_in_parts(api):
    doc = invoice(api, (1, '100.00'), date='2026-01-10', payment_days=10)
    path = f'/invoices/{doc["id"]}'
    assert doc['status'] == 'issued' and doc['number'] and doc['due_date'] == '2026-01-20'
    assert amount(doc['open']) == 100 and doc['open_due'] == '2026-01-20'
    api.post(path + ':pay', {'amount': usd('30')})
    doc = api.get(path)
    assert doc['status'] == 'part_paid' and amount(doc['open']) == 70
    refused = api.post(path + ':pay', {'amount': usd('71')}, expect=422)
    assert '70.00' in refused['errors'][0]['message']
    paid = api.post(path + ':pay', {'amount': usd('100'), 'keep_rest': True})['payment']
    doc, payment = api.get(path), api.get(f'/payments/{paid["id"]}')
    assert doc['status'] == 'paid' and amount(doc['open']) == 0 and doc['open_due'] is None and doc['paid_on']
    assert amount(payment['credit']) == 30
    buyer = api.get(f'/accounts/{doc["account"]["id"]}')
    assert amount(buyer['owed']) == 0 and amount(buyer['credit']) == 30 and amount(buyer['invoiced_amount']) == 100
    other = invoice(api, (1, '20.00'), account=buyer['id'])
    api.post(f'/payments/{paid["id"]}:allot', {})
    assert api.get(f'/invoices/{other["id"]}')['status'] == 'paid'
    api.post(path + ':pay', {}, expect=409)
    api.post('/undo')
    assert amount(api.get(f'/invoices/{other["id"]}')['open']) == 20


def test_a_credit_note_takes_back(api):
    doc = invoice(api, (1, '100.00'), (1, '20.00'))
    note = api.post(f'/invoices/{doc["id"]}:credit', {'reason': 'returned'})['invoice']
    assert amount(api.get(f'/invoices/{doc["id"]}')['open']) == 120
    api.delete(f'/invoice_lines/{lines(api, "invoice", note)[0]["id"]}')
    api.post(f'/invoices/{note["id"]}:issue', {})
    doc, note = api.get(f'/invoices/{doc["id"]}'), api.get(f'/invoices/{note["id"]}')
    assert (amount(doc['open']), amount(doc['credited'])) == (100, 20) and doc['status'] == 'part_paid'
    assert amount(note['counted']) == -20 and note['open'] is None
    api.post(f'/invoices/{doc["id"]}:cancel', {}, expect=409)
    more = api.post(f'/invoices/{doc["id"]}:credit', {})['invoice']
    api.post(f'/invoices/{more["id"]}:issue', {}, expect=409)


def test_what_is_issued_stays(api):
    doc = invoice(api)
    path = f'/invoices/{doc["id"]}'
    for change in ({'number': 'X'}, {'number': None}, {'date': '2026-01-01'}, {'discount': '3'}):
        api.patch(path, change, expect=409)
    api.delete(path, expect=409)
    api.post(path + ':issue', {}, expect=409)
    api.post('/invoices', {'account': doc['account']['id'], 'status': 'issued'}, expect=422)
    undone = api.post('/undo')
    assert undone['undone'] == 0 and undone['skipped']
    assert api.get(path)['number'] == doc['number']
    empty = api.post('/invoices', {'account': doc['account']['id']})
    api.post(f'/invoices/{empty["id"]}:issue', {}, expect=409)
    assert api.get(f'/invoices/{empty["id"]}')['number'] is None


def test_two_payments_race_for_one_invoice(api, server):
    doc = invoice(api, (1, '100.00'))
    replies = []

    def pay():
        replies.append(server.client().request('POST', f'/invoices/{doc["id"]}:pay', {'amount': usd('60')}).status)
    threads = [threading.Thread(target=pay) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(replies) in ([200, 409], [200, 422]), replies
    assert amount(api.get(f'/invoices/{doc["id"]}')['open']) == 40


def test_numbers_have_no_gaps_and_no_doubles(api, server):
    drafts = [invoice(api, issue=False, date='2031-05-05') for _ in range(12)]
    taken = []

    def issue(some):
        client = server.client()
        for doc in some:
            client.post(f'/invoices/{doc["id"]}:issue', {})
            client.request('POST', f'/invoices/{doc["id"]}:issue', {})  # refused: takes no number
        taken.extend(client.get(f'/invoices/{doc["id"]}')['number'] for doc in some)
    threads = [threading.Thread(target=issue, args=(drafts[i::4],)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(taken) == [f'2031-{i:04}' for i in range(1, 13)]
    empty = api.post('/invoices', {'account': drafts[0]['account']['id'], 'date': '2031-05-05'})
    api.post(f'/invoices/{empty["id"]}:issue', {}, expect=409)
    own = drafts[0]['own_company']['id']
    api.patch(f'/own_companies/{own}', {'invoice_number': 'FV/{nnn}/{mm}/{yyyy}'})
    assert invoice(api, date='2031-06-05')['number'] == 'FV/013/06/2031'
    assert invoice(api, date='2032-06-05')['number'] == 'FV/001/06/2032'
    api.patch(f'/own_companies/{own}', {'invoice_number': None})


def test_an_order_of_hundreds_of_lines(api):
    order = api.post('/orders', {'account': account(api)['id'], 'discount': '7', 'rounding': 'document'})
    for start in range(0, 300, 100):
        add_lines(api, 'order', order, *[{'name': f'L{i}', 'quantity': '1', 'price': usd(f'{i + 1}.07'), 'vat': '23'}
                                         for i in range(start, start + 100)])
    order = api.get(f'/orders/{order["id"]}')
    rows = [r for page in range(2) for r in api.get('/order_lines', filter=f"order == '{order['id']}'", page_size=200,
            order_by='position' if page == 0 else '-position')['data']]
    rows = {r['id']: r for r in rows}.values()
    assert order['lines_count'] == 300 == len(rows)
    assert sum(amount(r['net']) for r in rows) == amount(order['net'])
    assert amount(order['tax']) == (amount(order['net']) * 23 / 100).quantize(Decimal('0.01'), 'ROUND_HALF_UP')


# --- rights ---------------------------------------------------------------------------------------------------------

def test_rights_follow_the_document(api, server):
    doc = invoice(api)
    seller = server.add_user(role='sales')
    assert seller.get(f'/invoices/{doc["id"]}', expect=404)
    assert seller.get('/invoice_lines', filter=f"invoice == '{doc['id']}'")['data'] == []
    assert seller.post(f'/invoices/{doc["id"]}:pay', {}, expect=404)


@pytest.mark.parametrize('language, words', [('ru', 'Предложение ещё не отправлено'),
                                             ('pl', 'Oferta nie została jeszcze wysłana')])
def test_errors_in_the_callers_language(api, language, words):
    doc = quote(api, (1, '5'))
    api.patch('/me', {'language': language})
    said = api.post(f'/quotes/{doc["id"]}:accept', expect=409)
    api.patch('/me', {'language': 'en'})
    assert said['detail'] == words


# --- receivables ----------------------------------------------------------------------------------------------------

def test_receivables_by_age(make_server):
    server = make_server(test_clock='1772359200000')  # 2026-03-01
    api = server.client()
    one, two = account(api), account(api)
    for buyer, due, price in ((one, '2026-03-01', '10'), (one, '2026-02-28', '20'), (one, '2026-01-30', '30'),
                              (two, '2026-01-29', '40'), (two, '2025-12-01', '50'), (two, '2025-11-30', '60')):
        invoice(api, (1, price), account=buyer['id'], date='2025-11-01', due_date=due)
    found = api.get('/receivables', group_by='account')
    assert found['as_of'] == '2026-03-01'
    ages = ('not_due', 'age_0', 'age_30', 'age_60', 'age_90', 'overdue', 'total')
    rows = {r['account']['id']: [amount(r[k]) for k in ages] for r in found['data']}
    assert rows == {one['id']: [10, 50, 0, 0, 0, 50, 60], two['id']: [0, 0, 40, 50, 60, 150, 150]}
    assert [amount(found['all'][k]) for k in ages] == [10, 50, 40, 50, 60, 200, 210]
    assert found['data'][0]['account']['label'] == two['name'] and found['days_sales_outstanding'] is None
    assert amount(api.get(f'/accounts/{one["id"]}')['owed']) == 60
    assert api.get('/invoices', filter='open_due < today()', total=True)['total'] == 5
    invoice(api, (1, '90'), account=one['id'], date='2026-02-01', due_date='2026-04-01')
    assert api.get('/receivables')['days_sales_outstanding'] == '300.0'
    assert [r['account']['id'] for r in api.get('/receivables', filter=f"account == '{two['id']}'")['data']] == [two['id']]
    assert api.get('/receivables', as_of='2026-02-01')['data'] == []  # nothing was written by then
    owners = api.get('/receivables', group_by='owner')['data']
    assert len(owners) == 1 and amount(owners[0]['total']) == 300
    seller = server.add_user(role='sales')
    assert seller.get('/receivables')['data'] == []
    api.get('/receivables', group_by='nothing', expect=400)

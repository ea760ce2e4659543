# SPDX-License-Identifier: GPL-3.0-or-later
"""Bank statements: brought in like any file, what each payment is for proposed, and made a payment when somebody agrees."""
from decimal import Decimal

from test_import import bring_known
from test_money import amount, invoice

OWN = '40702810138250123017'


def customer(api, name, inn):
    return api.post('/accounts', {'name': name, 'identifiers': [{'country': 'RU', 'kind': 'INN', 'value': inn}]})


def order(n, sum_, inn, purpose, day='13.01.2026'):
    return ('СекцияДокумент=Платежное поручение\r\nНомер=%d\r\nДата=%s\r\nСумма=%s\r\nДатаПоступило=%s\r\nПлательщик=Покупатель\r\n'
            'ПлательщикИНН=%s\r\nПлательщикСчет=40702810900000000001\r\nПолучательСчет=%s\r\nНазначениеПлатежа=%s\r\nКонецДокумента\r\n'
            % (n, day, sum_, day, inn, OWN, purpose))


def statement(*orders):
    text = '1CClientBankExchange\r\nВерсияФормата=1.03\r\nКодировка=Windows\r\nРасчСчет=%s\r\n%sКонецФайла\r\n' % (OWN, ''.join(orders))
    return text.encode('windows-1251')


def roubles(api):
    """The currency, with a rate."""
    found = api.get('/currencies', filter="code == 'RUB'")['data'][0]
    api.request('POST', '/rates', {'currency': found['id'], 'date': '2025-01-01', 'rate': '0.0125'})
    return found['id']


def rub_invoice(api, account, price):
    row = {'name': 'Work', 'quantity': '1', 'price': {'amount': price, 'currency': 'RUB'}}
    return invoice(api, row, account=account['id'], currency=roubles(api))


def test_a_statement_is_matched_accepted_and_taken_back(api):
    first, second = customer(api, 'Ромашка', '7707083893'), customer(api, 'Лютик', '7736050003')
    by_number, by_amount = rub_invoice(api, first, '100.00'), rub_invoice(api, second, '250.50')
    rub_invoice(api, second, '300.00')
    data = statement(order(1, '60.00', '7707083893', 'Оплата по счету №%s, НДС нет' % by_number['number']),
                     order(2, '250.50', '7736050003', 'За услуги'), order(3, '5.00', '7736050003', 'Аванс'),
                     order(4, '9.00', '', 'Неизвестно'))
    bring_known(api, data, 'kl_to_1c.txt')
    entries = {e['number']: e for e in api.get('/bank_entries', page_size=50)['data']}
    assert [(entries[n]['found_by'], (entries[n]['account'] or {}).get('id'), (entries[n]['invoice'] or {}).get('id')) for n in '1234'] == [
        ('number', first['id'], by_number['id']), ('amount', second['id'], by_amount['id']), ('identifier', second['id'], None),
        (None, None, None)]
    assert entries['1']['amount'] == {'amount': '60.00', 'currency': 'RUB'} and entries['1']['date'] == '2026-01-13'

    reply = api.post(f'/bank_entries/{entries["1"]["id"]}:accept', {})
    paid = api.get(f'/invoices/{by_number["id"]}')
    assert paid['status'] == 'part_paid' and amount(paid['open']) == 40
    payment = api.get('/payments/' + reply['payment']['id'])
    assert payment['account']['id'] == first['id'] and amount(payment['credit']) == 0 and payment['number'] == '1'
    assert api.post(f'/bank_entries/{entries["1"]["id"]}:accept', {}, expect=409)

    api.post('/undo', {})
    assert amount(api.get(f'/invoices/{by_number["id"]}')['open']) == 100
    assert api.get(f'/bank_entries/{entries["1"]["id"]}')['payment'] is None
    bring_known(api, data, 'kl_to_1c.txt')  # the same statement again brings nothing
    assert len(api.get('/bank_entries', page_size=50)['data']) == 4


def test_money_beyond_what_is_owed_is_credit_and_money_of_nobody_is_not_taken(api):
    buyer = customer(api, 'Василёк', '7710140679')
    owed = rub_invoice(api, buyer, '10.00')
    bring_known(api, statement(order(21, '15.00', '', 'Без номера'), order(22, '15.00', '7710140679', 'счет %s' % owed['number'])), 'x.txt')
    entries = {e['number']: e for e in api.get('/bank_entries', filter="number in ['21', '22']")['data']}
    assert api.post(f'/bank_entries/{entries["21"]["id"]}:accept', {}, expect=422)
    reply = api.post(f'/bank_entries/{entries["22"]["id"]}:accept', {})
    assert amount(api.get('/payments/' + reply['payment']['id'])['credit']) == Decimal('5')
    assert api.get(f'/invoices/{owed["id"]}')['status'] == 'paid'
    reply = api.post(f'/bank_entries/{entries["21"]["id"]}:accept', {'account': buyer['id']})
    assert amount(api.get('/payments/' + reply['payment']['id'])['credit']) == 15


def test_a_statement_that_does_not_add_up_is_refused(api):
    text = ':20:1\n:25:PL61109010140000071219812874\n:60F:C260112PLN1,\n:61:260113C1,NTRFX\n:62F:C260113PLN3,\n'
    reply = api.request('POST', '/import_runs:upload?name=x.sta', text.encode(), headers={'Content-Type': 'text/plain'})
    assert reply.status in (400, 422) and 'PL61109010140000071219812874' in reply.text

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metadata of a small CRM in three languages, shaped as GET /meta gives it. */

const all = { create: true, read: true, update: true, delete: true, mass: true, export: true }
let lang = 'en'
const L = (en, ru, pl) => ({ en, ru, pl })[lang]
const f = (name, type, label, more = {}) => ({
  name, type, label, required: false, readonly: false, computed: false, system: false, write: true, sortable: true, filterable: true, groupable: true, searchable: false, visible: null, required_if: null, ...more,
})
const ref = (name, target, label, more) => f(name, 'reference', label, { target, ...more })
const option = (value, label, color) => ({ value, label, color })

const system = () => [
  ref('owner', 'user', L('Owner', 'Ответственный', 'Opiekun'), { type: 'user' }),
  ref('team', 'team', L('Team', 'Команда', 'Zespół')),
  f('created_at', 'timestamp', L('Created', 'Создано', 'Utworzono'), { system: true, readonly: true, write: false }),
  f('updated_at', 'timestamp', L('Changed', 'Изменено', 'Zmieniono'), { system: true, readonly: true, write: false }),
]

const object = (name, plural, label, label_plural, icon, group, fields, more = {}) => ({
  name, plural, label, label_plural, icon, color: 'blue', group, nav: true, label_field: 'name', timeline: true, rights: all, path: null, state: null, board: null, views: [], actions: [],
  fields: [...fields, ...system()],
  columns: fields.slice(0, 6).map((x) => x.name),
  layout: { highlights: fields.slice(1, 5).map((x) => x.name), sections: [{ label: L('Details', 'Сведения', 'Szczegóły'), fields: [...fields.map((x) => x.name), 'owner'] }], related: [] },
  ...more,
})

export function makeMeta(language) {
  lang = language
  const name = () => f('name', 'text', L('Name', 'Название', 'Nazwa'), { required: true, searchable: true })
  const person = () => f('name', 'text', L('Name', 'Имя', 'Imię i nazwisko'), { required: true, searchable: true })
  const money = (n, label) => f(n, 'money', label)
  const source = () => f('source', 'choice', L('Source', 'Источник', 'Źródło'), { options: [option('web', L('Website', 'Сайт', 'Strona'), 'blue'), option('call', L('Call', 'Звонок', 'Telefon'), 'amber'), option('event', L('Event', 'Мероприятие', 'Wydarzenie'), 'green'), option('partner', L('Partner', 'Партнёр', 'Partner'), 'violet')] })
  const stage = ref('stage', 'stage', L('Stage', 'Этап', 'Etap'))
  const objects = [
    object('account', 'accounts', L('Company', 'Компания', 'Firma'), L('Companies', 'Компании', 'Firmy'), 'building-2', 'crm', [name(), f('class', 'choice', L('Class', 'Класс', 'Klasa'), { options: ['A', 'B', 'C'].map((x, i) => option(x, x, ['green', 'blue', 'slate'][i])) }), f('phones', 'phones', L('Phones', 'Телефоны', 'Telefony')), f('emails', 'emails', L('E-mails', 'Эл. почта', 'E-mail')), f('revenue', 'money', L('Revenue', 'Оборот', 'Obrót'))], { layout: { highlights: ['class', 'phones', 'emails', 'owner'], sections: [{ label: L('Details', 'Сведения', 'Szczegóły'), fields: ['name', 'class', 'phones', 'emails', 'revenue', 'owner'] }], related: [{ object: 'deal', field: 'account', label: L('Deals', 'Сделки', 'Szanse'), columns: ['name', 'stage', 'amount'] }, { object: 'contact', field: 'account', label: L('Contacts', 'Контакты', 'Kontakty'), columns: ['name', 'phones'] }] } }),
    object('contact', 'contacts', L('Contact', 'Контакт', 'Kontakt'), L('Contacts', 'Контакты', 'Kontakty'), 'contact', 'crm', [person(), ref('account', 'account', L('Company', 'Компания', 'Firma')), f('phones', 'phones', L('Phones', 'Телефоны', 'Telefony')), f('emails', 'emails', L('E-mails', 'Эл. почта', 'E-mail'))]),
    object('lead', 'leads', L('Lead', 'Лид', 'Lead'), L('Leads', 'Лиды', 'Leady'), 'user-plus', 'sales', [person(), f('company_name', 'text', L('Company', 'Компания', 'Firma')), source(), f('phones', 'phones', L('Phones', 'Телефоны', 'Telefony'))]),
    object('deal', 'deals', L('Deal', 'Сделка', 'Szansa'), L('Deals', 'Сделки', 'Szanse sprzedaży'), 'target', 'sales', [name(), ref('account', 'account', L('Company', 'Компания', 'Firma')), stage, money('amount', L('Amount', 'Сумма', 'Kwota')), f('close_date', 'date', L('Close date', 'Дата закрытия', 'Data zamknięcia')), f('probability', 'percent', L('Probability', 'Вероятность', 'Prawdopodobieństwo')), source()], { color: 'violet', path: { field: 'stage', kind: 'reference' }, board: { by: 'stage', card: ['account', 'amount', 'close_date', 'owner'], sum: 'amount' }, views: [{ key: 'open', label: L('Open', 'Открытые', 'Otwarte'), filter: "category == 'open'", order_by: '-amount' }, { key: 'mine', label: L('Mine', 'Мои', 'Moje'), filter: 'owner == user' }] }),
    object('product', 'products', L('Product', 'Товар', 'Produkt'), L('Products', 'Товары', 'Produkty'), 'package', 'catalog', [name(), money('price', L('Price', 'Цена', 'Cena'))]),
    object('activity', 'activities', L('Activity', 'Активность', 'Aktywność'), L('Activities', 'Активности', 'Aktywności'), 'list-checks', 'work', [f('subject', 'text', L('Subject', 'Тема', 'Temat'), { required: true }), f('kind', 'choice', L('Kind', 'Вид', 'Rodzaj'), { options: [option('task', L('Task', 'Задача', 'Zadanie'), 'blue'), option('call', L('Call', 'Звонок', 'Telefon'), 'green'), option('meeting', L('Meeting', 'Встреча', 'Spotkanie'), 'violet'), option('note', L('Note', 'Заметка', 'Notatka'), 'amber')] }), f('due_at', 'timestamp', L('Due', 'Срок', 'Termin')), f('done_at', 'timestamp', L('Done', 'Выполнено', 'Wykonano')), ref('deal', 'deal', L('Deal', 'Сделка', 'Szansa')), ref('account', 'account', L('Company', 'Компания', 'Firma')), f('body', 'longtext', L('Text', 'Текст', 'Treść'))], { label_field: 'subject' }),
    object('stage', 'stages', L('Stage', 'Этап', 'Etap'), L('Stages', 'Этапы', 'Etapy'), 'columns', 'settings', [name(), f('color', 'text', L('Colour', 'Цвет', 'Kolor')), f('category', 'text', L('What it means', 'Что означает', 'Znaczenie'))], { nav: false }),
    object('user', 'users', L('User', 'Сотрудник', 'Użytkownik'), L('Users', 'Сотрудники', 'Użytkownicy'), 'user', 'settings', [person(), f('email', 'text', L('E-mail', 'Эл. почта', 'E-mail')), ref('role', 'role', L('Role', 'Роль', 'Rola')), ref('manager', 'user', L('Manager', 'Руководитель', 'Przełożony')), f('active', 'boolean', L('Active', 'Активен', 'Aktywny'))], { nav: false }),
    object('team', 'teams', L('Team', 'Команда', 'Zespół'), L('Teams', 'Команды', 'Zespoły'), 'users', 'settings', [name(), ref('parent', 'team', L('Above it', 'Вышестоящая', 'Nadrzędny')), ref('manager', 'user', L('Head', 'Руководитель', 'Kierownik'))], { nav: false }),
    object('role', 'roles', L('Role', 'Роль', 'Rola'), L('Roles', 'Роли', 'Role'), 'shield', 'settings', [name(), f('rights', 'json', L('Rights', 'Права', 'Uprawnienia'))], { nav: false }),
    object('own_company', 'own_companies', L('Own company', 'Своя компания', 'Własna firma'), L('Own companies', 'Свои компании', 'Własne firmy'), 'briefcase', 'settings', [name(), f('tax_id', 'text', L('Tax number', 'ИНН', 'NIP')), f('city', 'text', L('City', 'Город', 'Miasto'))], { nav: false }),
    object('currency', 'currencies', L('Currency', 'Валюта', 'Waluta'), L('Currencies', 'Валюты', 'Waluty'), 'coins', 'settings', [f('code', 'text', L('Code', 'Код', 'Kod')), name(), f('places', 'integer', L('Places', 'Знаков', 'Miejsca'))], { nav: false }),
    object('rate', 'rates', L('Rate', 'Курс', 'Kurs'), L('Rates', 'Курсы', 'Kursy'), 'percent', 'settings', [ref('currency', 'currency', L('Currency', 'Валюта', 'Waluta')), f('date', 'date', L('Date', 'Дата', 'Data')), f('rate', 'decimal', L('Rate', 'Курс', 'Kurs'))], { nav: false, label_field: null }),
    object('api_key', 'api_keys', L('API key', 'Ключ API', 'Klucz API'), L('API keys', 'Ключи API', 'Klucze API'), 'key', 'settings', [name(), f('last_used_at', 'timestamp', L('Last used', 'Последнее обращение', 'Ostatnie użycie'))], { nav: false }),
    object('saved_view', 'saved_views', L('View', 'Представление', 'Widok'), L('Views', 'Представления', 'Widoki'), 'eye', 'settings', [name(), f('object', 'text', 'object'), f('filter', 'text', 'filter'), f('order_by', 'text', 'order'), f('columns', 'json', 'columns'), f('kind', 'text', 'kind'), f('shared', 'boolean', 'shared')], { nav: false }),
  ]
  return { generation: 1, language, company: { name: L('Northwind', 'Северный ветер', 'Wiatr Północny'), currency: L('EUR', 'RUB', 'PLN') }, objects }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a made-up company in the three languages, the same on every start. */

let seed = 7
const rnd = (n) => ((seed = (seed * 48271) % 2147483647) >> 7) % n
const pick = (list) => list[rnd(list.length)]

const WORDS = {
  en: { users: ['Anna Evans', 'Mark Doyle', 'Olivia Stone', 'Peter Novak', 'Irene Walsh'], first: ['Baltica', 'Amber', 'Vertex', 'Meridian', 'Polaris', 'Granite', 'Helios', 'Cascade'], second: ['Systems', 'Foods', 'Energy', 'Optics', 'Retail', 'Steel'], deals: ['Annual licence', 'Support renewal', 'Data migration', 'Pilot, 50 users', 'Warehouse rollout'], people: ['James Carter', 'Emma Wilson', 'Liam Hughes', 'Sophie Turner', 'Noah Bennett'], tasks: ['Call back about the contract', 'Send the revised quote', 'Meeting: payment terms', 'Prepare the demo', 'Check the delivery date', 'Agree on the acceptance act'], stages: ['New', 'Qualified', 'Proposal', 'Negotiation', 'Won', 'Lost'], roles: ['Administrator', 'Sales', 'Sales manager'], teams: ['Sales', 'North', 'South', 'Support'], phone: '+442079460', cur: 'EUR', city: 'Leeds' },
  ru: { users: ['Анна Ковалёва', 'Марк Денисов', 'Ольга Петрова', 'Пётр Новиков', 'Ирина Соколова'], first: ['Балтика', 'Янтарь', 'Вертекс', 'Меридиан', 'Полярис', 'Гранит', 'Гелиос', 'Каскад'], second: ['Системы', 'Продукт', 'Энерго', 'Оптика', 'Ритейл', 'Сталь'], deals: ['Годовая лицензия', 'Продление поддержки', 'Перенос данных', 'Пилот на 50 мест', 'Оснащение склада'], people: ['Дмитрий Орлов', 'Елена Киселёва', 'Артём Волков', 'Светлана Белова', 'Никита Зайцев'], tasks: ['Перезвонить по договору', 'Отправить новое предложение', 'Встреча: условия оплаты', 'Подготовить показ', 'Проверить срок поставки', 'Согласовать акт приёмки'], stages: ['Новая', 'Квалификация', 'Предложение', 'Переговоры', 'Выиграна', 'Проиграна'], roles: ['Администратор', 'Менеджер', 'Руководитель отдела'], teams: ['Отдел продаж', 'Север', 'Юг', 'Поддержка'], phone: '+7495123', cur: 'RUB', city: 'Казань' },
  pl: { users: ['Anna Kowalska', 'Marek Dąbrowski', 'Olga Piotrowska', 'Piotr Nowak', 'Irena Sokołowska'], first: ['Bałtyk', 'Bursztyn', 'Wertex', 'Meridian', 'Polaris', 'Granit', 'Helios', 'Kaskada'], second: ['Systemy', 'Żywność', 'Energia', 'Optyka', 'Handel', 'Stal'], deals: ['Licencja roczna', 'Przedłużenie wsparcia', 'Migracja danych', 'Pilotaż, 50 osób', 'Wyposażenie magazynu'], people: ['Jan Wiśniewski', 'Ewa Zielińska', 'Łukasz Wójcik', 'Zofia Kamińska', 'Michał Lewandowski'], tasks: ['Oddzwonić w sprawie umowy', 'Wysłać nową ofertę', 'Spotkanie: warunki płatności', 'Przygotować pokaz', 'Sprawdzić termin dostawy', 'Uzgodnić protokół odbioru'], stages: ['Nowa', 'Kwalifikacja', 'Oferta', 'Negocjacje', 'Wygrana', 'Przegrana'], roles: ['Administrator', 'Handlowiec', 'Kierownik sprzedaży'], teams: ['Sprzedaż', 'Północ', 'Południe', 'Wsparcie'], phone: '+4822123', cur: 'PLN', city: 'Łódź' },
}

const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z/, 'Z')
const HOUR = 3600_000

export function makeData(language) {
  seed = 7
  const w = WORDS[language]
  const now = Date.now()
  let next = 1000
  const base = (label, more) => ({ id: String(next++), version: 1, label, created_at: iso(now - rnd(9000) * HOUR), updated_at: iso(now - rnd(300) * HOUR), created_by: null, updated_by: null, owner: null, team: null, deleted_at: null, ...more })
  const ref = (object, r) => r && { object, id: r.id, label: r.label }
  const money = (n) => ({ amount: n.toFixed(2), currency: w.cur })
  const phone = () => [{ value: w.phone + (1000 + rnd(9000)), label: 'work', main: true }]
  const roles = w.roles.map((name, i) => base(name, { name, rights: i === 0 ? { administrator: true } : { '*': { create: 'all', read: 'team', update: 'own', delete: 'none', export: i === 2, mass: i === 2 }, deal: { read: 'all', update: 'team', fields: { amount: 'read', probability: 'hidden' } }, product: { update: 'none' } } }))
  const teams = w.teams.map((name) => base(name, { name, parent: null, manager: null }))
  teams[1].parent = teams[2].parent = ref('team', teams[0])
  const users = w.users.map((name, i) => base(name, { name, email: `user${i + 1}@example.com`, role: ref('role', roles[i === 0 ? 0 : i === 2 ? 2 : 1]), manager: null, active: i !== 4, team: ref('team', teams[i % 4]) }))
  users.slice(1).forEach((u) => (u.manager = ref('user', users[0])))
  teams[0].manager = ref('user', users[2])
  const stages = w.stages.map((name, i) => base(name, { name, color: ['slate', 'blue', 'violet', 'amber', 'green', 'red'][i], category: i < 4 ? 'open' : i === 4 ? 'won' : 'lost', position: i }))
  const accounts = w.first.flatMap((a) => w.second.slice(0, 3).map((b) => base(`${a} ${b}`, { name: `${a} ${b}`, class: pick(['A', 'B', 'C']), phones: phone(), emails: [{ value: 'info@example.com', label: 'work', main: true }], revenue: money(rnd(9000) * 1000), owner: ref('user', pick(users)) })))
  const contacts = w.people.map((name) => base(name, { name, account: ref('account', pick(accounts)), phones: phone(), emails: [], owner: ref('user', pick(users)) }))
  const leads = w.people.map((name, i) => base(name, { name, company_name: `${pick(w.first)} ${pick(w.second)}`, source: pick(['web', 'call', 'event', 'partner']), phones: phone(), owner: null, created_at: iso(now - [72, 26, 5, 1.5, 0.4][i] * HOUR) }))
  const deals = Array.from({ length: 120 }, () => {
    const account = pick(accounts)
    const name = `${account.name.split(' ')[0]} — ${pick(w.deals)}`
    return base(name, { name, account: ref('account', account), stage: ref('stage', pick(stages)), amount: money(rnd(300) * (w.cur === 'RUB' ? 50000 : 500) + 1200), close_date: iso(now + (rnd(90) - 30) * 24 * HOUR).slice(0, 10), probability: String(pick([10, 30, 55, 75])), source: pick(['web', 'call', 'event', 'partner']), owner: ref('user', pick(users)) })
  })
  const activities = w.tasks.map((subject, i) => base(subject, { subject, kind: ['call', 'task', 'meeting', 'task', 'task', 'call'][i], due_at: iso(now + [-70, -20, -1, 1, 2, 3][i] * HOUR), done_at: null, deal: ref('deal', deals[i]), account: deals[i].account, body: null, owner: ref('user', users[0]) }))
  const products = w.deals.map((name) => base(name, { name, price: money(rnd(90) * 100 + 500) }))
  const own_companies = [base(`${w.first[0]}`, { name: w.first[0], tax_id: '5260250274', city: w.city })]
  const currencies = [['EUR', 'Euro'], ['USD', 'US Dollar'], ['PLN', 'Złoty'], ['RUB', '₽']].map(([code, name]) => base(code, { code, name, places: 2 }))
  const rates = currencies.slice(1, 4).map((c, i) => base(c.label, { currency: ref('currency', c), date: '2026-11-20', rate: ['1.0842', '4.2731', '89.1425'][i] }))
  const api_keys = [base('Website form', { name: 'Website form', last_used_at: iso(now - 3 * HOUR) })]
  return { users, roles, teams, stages, accounts, contacts, leads, deals, activities, products, own_companies, currencies, rates, api_keys, saved_views: [] }
}

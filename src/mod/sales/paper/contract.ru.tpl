@center **ДОГОВОР № {{ number }}**
@space 2
|-----------|-----------:|
| {{if seller.addresses.size() > 0}}г. {{ seller.addresses[0].value.city }}{{end}} | {{ date | long }} |
@space 2
{{ seller_name }}{{if seller_ids}} ({{ seller_ids }}){{end}}, именуемое в дальнейшем «Исполнитель»{{if seller_bank.director}}, в лице: {{if seller_bank.director_title}}{{ seller_bank.director_title }} {{end}}{{ seller_bank.director }}{{if seller_bank.acts_under}}, действующего на основании: {{ seller_bank.acts_under }}{{end}}{{end}}, с одной стороны, и {{ buyer_name }}{{if buyer_ids}} ({{ buyer_ids }}){{end}}, именуемое в дальнейшем «Заказчик»{{if buyer_bank.director}}, в лице: {{if buyer_bank.director_title}}{{ buyer_bank.director_title }} {{end}}{{ buyer_bank.director }}{{if buyer_bank.acts_under}}, действующего на основании: {{ buyer_bank.acts_under }}{{end}}{{end}}, с другой стороны, заключили настоящий договор о нижеследующем.

## 1. Предмет договора
1.1. {{ subject }}

## 2. Цена и порядок расчётов
2.1. {{if amount}}Цена договора составляет {{ amount }} ({{ amount | words }}).{{else}}Цены согласовываются сторонами в каждом заказе.{{end}}
2.2. Заказчик оплачивает счёт в течение {{ buyer.payment_days != null ? buyer.payment_days : seller.payment_days }} календарных дней со дня его выставления.

## 3. Срок действия
3.1. Договор действует с {{ starts_on | short }}{{if ends_on}} по {{ ends_on | short }}{{else}} и заключён на неопределённый срок{{end}}.
{{if terms}}

## 4. Прочие условия
{{ terms }}
{{end}}

## Реквизиты и подписи сторон
|-----------|-----------|
| **Исполнитель**<br>{{ seller_name }}{{if seller_ids}}<br>{{ seller_ids }}{{end}}{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_bank.bank_account}}<br>Р/с {{ seller_bank.bank_account }}<br>{{ seller_bank.bank_name }}{{if seller_bank.bank_code}}<br>БИК {{ seller_bank.bank_code }}{{end}}{{end}} | **Заказчик**<br>{{ buyer_name }}{{if buyer_ids}}<br>{{ buyer_ids }}{{end}}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if buyer_bank.bank_account}}<br>Р/с {{ buyer_bank.bank_account }}<br>{{ buyer_bank.bank_name }}{{if buyer_bank.bank_code}}<br>БИК {{ buyer_bank.bank_code }}{{end}}{{end}} |
@space 8
|-----------|-----------|
| ____________________ {{ seller_bank.director }}<br>М. П. | ____________________ {{ buyer_bank.director }}<br>М. П. |
@footer Договор № {{ number }}

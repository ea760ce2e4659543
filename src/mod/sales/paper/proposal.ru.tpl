|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# Коммерческое предложение № {{ number }}{{if revision > 1}}, редакция {{ revision }}{{end}}
@small от {{ date | long }}{{if expires_on}} · действует до {{ expires_on | long }}{{end}}
@space 2
|-----------|-----------|
| **Кому**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if contact}}<br>{{ contact }}{{if person.job_title}}, {{ person.job_title }}{{end}}{{end}} | **От кого**<br>{{ seller_name }}{{if owner}}<br>{{ owner }}{{end}} |
@space 2
{{ greeting }}

Благодарим за интерес к нашей компании и предлагаем следующее:

| № | Наименование | Кол-во | Цена | {{if has_discounts}}Скидка | {{end}}НДС | Сумма |
|----:|----------------------------|------:|---------:|{{if has_discounts}}------:|{{end}}------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }}{{if l.period != 'once'}}<br>{{ l.period }}{{end}} | {{if has_discounts}}{{if l.discount}}{{ l.discount }}{{else}}{{if l.discount_amount}}{{ l.discount_amount | amount }}{{end}}{{end}} | {{end}}{{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{ l.tax_kind }}{{end}} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{if discount_total}}
| | @right Скидки | @right {{ discount_total }} |
{{end}}
{{for t in taxes}}
{{if t.tax}}
| | @right {{if with_tax}}в том числе {{end}}НДС {{ t.rate }} % | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Итого** | @right **{{ gross }}** |

Всего {{ lines.size() }} наим. на сумму {{ gross }}
**{{ gross | words }}**
{{if terms}}

## Условия
{{ terms }}
{{end}}

Будем рады ответить на ваши вопросы.

@space 8
|-----------|-----------|
| С уважением,<br>{{ owner }}<br>{{ seller_name }} | |
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

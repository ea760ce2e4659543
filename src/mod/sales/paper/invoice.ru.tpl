{{if kind != 'credit_note' && seller_bank.bank_account != null}}
|---------------------|-------|
| **Получатель:** {{ seller_name }}{{if seller_ids}}<br>{{ seller_ids }}{{end}}<br>Р/с {{ seller_bank.bank_account }}<br>{{ seller_bank.bank_name }}{{if seller_bank.bank_code}}<br>БИК {{ seller_bank.bank_code }}{{end}}{{if seller_bank.correspondent_account}}, к/с {{ seller_bank.correspondent_account }}{{end}} | @right @qr 28 |
@line
{{end}}
# {{if kind == 'proforma'}}Предварительный счёт{{else}}{{if kind == 'credit_note'}}Корректировочный счёт{{else}}Счёт на оплату{{end}}{{end}} № {{ number }} от {{ date | long }}
{{if kind == 'credit_note' && credits != null}}
@small К счёту № {{ credits }}
{{end}}
{{if number == null}}
@small Черновик
{{end}}

|-----|-----------------------------|
| Поставщик | **{{ seller_name }}**{{if seller_ids}}, {{ seller_ids }}{{end}}{{if seller_address}}, {{ seller_address }}{{end}} |
| Покупатель | **{{ buyer_name }}**{{if buyer_ids}}, {{ buyer_ids }}{{end}}{{if buyer_address}}, {{ buyer_address }}{{end}} |
{{if reason}}
| Основание | {{ reason }} |
{{end}}
@space 2
| № | Товары (работы, услуги) | Кол-во | Ед. | Цена | Сумма |
|----:|----------------------------|------:|----|---------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }} | {{ l.unit }} | {{ l.price | amount }} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{if discount_total}}
| | @right Скидка | @right {{ discount_total | amount }} |
{{end}}
| | @right **Итого** | @right **{{ with_tax ? gross : net | amount }}** |
{{for t in taxes}}
{{if t.tax}}
| | @right {{if with_tax}}В том числе НДС{{else}}НДС{{end}} {{ t.rate }} % | @right {{ t.tax | amount }} |
{{end}}
{{end}}
{{if tax}}
{{else}}
| | @right Без налога (НДС) | @right — |
{{end}}
| | @right **Всего к оплате** | @right **{{ gross | amount }}** |
{{if paid}}
| | @right Оплачено | @right {{ paid | amount }} |
| | @right **Осталось оплатить** | @right **{{ open | amount }}** |
{{end}}

Всего наименований {{ lines.size() }}, на сумму {{ gross }}
**{{ gross | words }}**
{{if due_date != null && kind != 'credit_note'}}

Оплатить не позднее {{ due_date | long }}
{{end}}
{{if note}}

{{ note }}
{{end}}
@line
@space 6
|-----------|-----------|
| Руководитель ____________________ {{ seller_bank.director }} | Бухгалтер ____________________ {{ seller_bank.accountant }} |
@footer {{ seller_name }}

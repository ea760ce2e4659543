|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# Order confirmation {{ number }}
@small {{ date | long }}
@space 2
|-----------|-----------|
| **Customer**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}} | **Supplier**<br>{{ seller_name }}{{if owner}}<br>{{ owner }}{{end}} |
@space 2
{{ greeting }}

We thank you for your order and confirm it as follows:

| # | Item | Qty | Unit price | Tax | Amount |
|----:|----------------------------|------:|---------:|------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }} | {{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{ l.tax_kind }}{{end}} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{for t in taxes}}
{{if t.tax}}
| | @right Tax {{ t.rate }}% | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Total** | @right **{{ gross }}** |

Amount in words: **{{ gross | words }}**
{{if note}}

{{ note }}
{{end}}
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

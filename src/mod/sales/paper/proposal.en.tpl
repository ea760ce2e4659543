|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# Commercial proposal {{ number }}{{if revision > 1}}, version {{ revision }}{{end}}
@small {{ date | long }}{{if expires_on}} · valid until {{ expires_on | long }}{{end}}
@space 2
|-----------|-----------|
| **Prepared for**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if contact}}<br>{{ contact }}{{if person.job_title}}, {{ person.job_title }}{{end}}{{end}} | **Prepared by**<br>{{ seller_name }}{{if owner}}<br>{{ owner }}{{end}} |
@space 2
{{ greeting }}

Thank you for your interest. We are pleased to offer you the following:

| # | Item | Qty | Unit price | {{if has_discounts}}Discount | {{end}}Tax | Amount |
|----:|----------------------------|------:|---------:|{{if has_discounts}}------:|{{end}}------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }}{{if l.period != 'once'}}<br>{{ l.period }}{{end}} | {{if has_discounts}}{{if l.discount}}{{ l.discount }}{{else}}{{if l.discount_amount}}{{ l.discount_amount | amount }}{{end}}{{end}} | {{end}}{{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{ l.tax_kind }}{{end}} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{if discount_total}}
| | @right Discounts | @right {{ discount_total }} |
{{end}}
{{for t in taxes}}
{{if t.tax}}
| | @right Net, taxed at {{ t.rate }}% | @right {{ t.net }} |
| | @right Tax {{ t.rate }}% | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Total** | @right **{{ gross }}** |

Amount in words: **{{ gross | words }}**
{{if terms}}

## Terms
{{ terms }}
{{end}}

We would be glad to answer any questions.

@space 8
|-----------|-----------|
| {{ owner }}<br>{{ seller_name }} | |
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

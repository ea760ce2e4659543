|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# {{if kind == 'proforma'}}Pro forma invoice{{else}}{{if kind == 'credit_note'}}Credit note{{else}}Invoice{{end}}{{end}} {{ number }}
@small {{ date | long }}{{if kind == 'credit_note' && credits != null}} · corrects invoice {{ credits }}{{end}}{{if number == null}} · draft{{end}}
@space 2
|-----------|-----------|
| **From**<br>{{ seller_name }}{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_ids}}<br>{{ seller_ids }}{{end}} | **To**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if buyer_ids}}<br>{{ buyer_ids }}{{end}} |
@space 2
{{if kind != 'credit_note'}}
|-----------|-----------|
| **Due date**<br>{{ due_date | long }} | {{if sale_date}}**Date of sale**<br>{{ sale_date | long }}{{end}} |
@space 2
{{end}}
{{if reason}}
Reason: {{ reason }}

{{end}}
| # | Item | Qty | Unit price | Tax | Amount |
|----:|----------------------------|------:|---------:|------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }} | {{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{ l.tax_kind }}{{end}} | {{ l.total | amount }} |
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
{{if paid}}
| | @right Paid | @right {{ paid }} |
| | @right **To pay** | @right **{{ open }}** |
{{end}}

Amount in words: **{{ gross | words }}**
{{if kind != 'credit_note' && seller_bank.bank_account != null}}

## Payment
|---------------------|-------|
| Beneficiary: {{ seller_name }}<br>{{if seller_bank.bank_name}}Bank: {{ seller_bank.bank_name }}<br>{{end}}Account: **{{ seller_bank.bank_account }}**{{if seller_bank.bank_code}}<br>BIC: {{ seller_bank.bank_code }}{{end}}<br>Reference: {{ number }} | @right @qr 28 |
{{end}}
{{if note}}

{{ note }}
{{end}}
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

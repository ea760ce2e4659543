|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# Potwierdzenie zamówienia {{ number }}
@small z dnia {{ date | long }}
@space 2
|-----------|-----------|
| **Zamawiający**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}} | **Wykonawca**<br>{{ seller_name }}{{if owner}}<br>{{ owner }}{{end}} |
@space 2
{{ greeting }}

dziękujemy za zamówienie i potwierdzamy jego przyjęcie:

| Lp. | Nazwa | Ilość | Cena | VAT | Wartość |
|----:|----------------------------|------:|---------:|------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }} | {{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{ l.tax_kind }}{{end}} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{for t in taxes}}
{{if t.tax}}
| | @right VAT {{ t.rate }}% | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Razem brutto** | @right **{{ gross }}** |

Słownie: **{{ gross | words }}**
{{if note}}

{{ note }}
{{end}}
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# Oferta handlowa {{ number }}{{if revision > 1}}, wersja {{ revision }}{{end}}
@small z dnia {{ date | long }}{{if expires_on}} · ważna do {{ expires_on | long }}{{end}}
@space 2
|-----------|-----------|
| **Dla**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if contact}}<br>{{ contact }}{{if person.job_title}}, {{ person.job_title }}{{end}}{{end}} | **Od**<br>{{ seller_name }}{{if owner}}<br>{{ owner }}{{end}} |
@space 2
{{ greeting }}

dziękujemy za zainteresowanie. Z przyjemnością przedstawiamy naszą ofertę:

| Lp. | Nazwa | Ilość | Cena | {{if has_discounts}}Rabat | {{end}}VAT | Wartość |
|----:|----------------------------|------:|---------:|{{if has_discounts}}------:|{{end}}------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }}{{if l.period != 'once'}}<br>{{ l.period }}{{end}} | {{if has_discounts}}{{if l.discount}}{{ l.discount }}{{else}}{{if l.discount_amount}}{{ l.discount_amount | amount }}{{end}}{{end}} | {{end}}{{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{ l.tax_kind }}{{end}} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{if discount_total}}
| | @right Rabaty | @right {{ discount_total }} |
{{end}}
{{for t in taxes}}
{{if t.tax}}
| | @right Netto, stawka {{ t.rate }}% | @right {{ t.net }} |
| | @right VAT {{ t.rate }}% | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Razem brutto** | @right **{{ gross }}** |

Słownie: **{{ gross | words }}**
{{if terms}}

## Warunki
{{ terms }}
{{end}}

Chętnie odpowiemy na wszelkie pytania.

@space 8
|-----------|-----------|
| Z poważaniem<br>{{ owner }}<br>{{ seller_name }} | |
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

|---------------------|---------------|
| @logo 14 | @right **{{ seller_name }}**{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_contacts}}<br>{{ seller_contacts }}{{end}} |
@space 6
# {{if kind == 'proforma'}}Faktura pro forma{{else}}{{if kind == 'credit_note'}}Faktura korygująca{{else}}Faktura{{end}}{{end}} nr {{ number }}
@small data wystawienia: {{ date }}{{if sale_date}} · data sprzedaży: {{ sale_date }}{{end}}{{if kind == 'credit_note' && credits != null}} · do faktury {{ credits }}{{end}}{{if number == null}} · szkic{{end}}
@space 2
|-----------|-----------|
| **Sprzedawca**<br>{{ seller_name }}{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_ids}}<br>{{ seller_ids }}{{end}} | **Nabywca**<br>{{ buyer_name }}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if buyer_ids}}<br>{{ buyer_ids }}{{end}} |
@space 2
{{if reason}}
Przyczyna: {{ reason }}

{{end}}
| Lp. | Nazwa towaru lub usługi | Ilość | J.m. | Cena | VAT | Netto | Brutto |
|----:|--------------------------|-----:|----|--------:|------:|---------:|---------:|
{{for l in lines}}
| {{ index }} | {{ l.name }}{{if l.note}}<br>{{ l.note }}{{end}} | {{ l.quantity }} | {{ l.unit }} | {{ l.price | amount }} | {{if l.tax_kind in ['standard', 'reduced', 'zero']}}{{ l.vat }}{{else}}{{if l.tax_kind == 'exempt'}}zw.{{else}}np.{{end}}{{end}} | {{ l.net | amount }} | {{ l.gross | amount }} |
{{end}}

| Stawka VAT | Netto | VAT | Brutto |
|--------|--------:|--------:|--------:|
{{for t in taxes}}
| {{if t.kind in ['standard', 'reduced', 'zero']}}{{ t.rate }}%{{else}}{{if t.kind == 'exempt'}}zw.{{else}}np.{{end}}{{end}} | {{ t.net | amount }} | {{ t.tax | amount }} | {{ t.gross | amount }} |
{{end}}
| **Razem** | **{{ net | amount }}** | **{{ tax | amount }}** | **{{ gross | amount }}** |

|-------------|-------|
| **{{if kind == 'credit_note'}}Razem{{else}}Do zapłaty{{end}}: {{if paid}}{{ open }}{{else}}{{ gross }}{{end}}**<br>Słownie: {{ gross | words }}{{if paid}}<br>Zapłacono: {{ paid }}{{end}}{{if due_date != null && kind != 'credit_note'}}<br>Termin płatności: {{ due_date }}{{end}}{{if seller_bank.bank_account}}<br>Bank: {{ seller_bank.bank_name }}<br>Nr rachunku: **{{ seller_bank.bank_account }}**{{end}} | @right @qr 28 |
{{if note}}

{{ note }}
{{end}}
@footer {{ seller_name }}{{if seller_ids}} · {{ seller_ids }}{{end}}

# Protokół odbioru do zamówienia {{ number }}
@small z dnia {{ date | long }}
@space 2
{{ seller_name }}{{if seller_ids}} ({{ seller_ids }}){{end}}, zwany dalej Wykonawcą, oraz {{ buyer_name }}{{if buyer_ids}} ({{ buyer_ids }}){{end}}, zwany dalej Zamawiającym, potwierdzają wykonanie i odbiór:

| Lp. | Nazwa towaru lub usługi | Ilość | Cena | Wartość |
|----:|----------------------------|------:|---------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{for t in taxes}}
{{if t.tax}}
| | @right VAT {{ t.rate }}% | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Razem brutto** | @right **{{ gross }}** |

Słownie: **{{ gross | words }}**

Zamawiający nie wnosi zastrzeżeń co do zakresu, jakości i terminu wykonania.

@space 10
|-----------|-----------|
| **Wykonawca**<br>{{ seller_name }} | **Zamawiający**<br>{{ buyer_name }} |
@space 8
|-----------|-----------|
| ____________________ {{ seller_bank.director }} | ____________________ {{ buyer_bank.director }} |

# Act of acceptance for order {{ number }}
@small of {{ date | long }}
@space 2
{{ seller_name }}{{if seller_ids}} ({{ seller_ids }}){{end}}, the Supplier, and {{ buyer_name }}{{if buyer_ids}} ({{ buyer_ids }}){{end}}, the Customer, state that the following has been delivered in full and on time:

| # | Goods and services | Qty | Unit price | Amount |
|----:|----------------------------|------:|---------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }} | {{ l.quantity }}{{if l.unit}} {{ l.unit }}{{end}} | {{ l.price | amount }} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{for t in taxes}}
{{if t.tax}}
| | @right Tax {{ t.rate }}% | @right {{ t.tax }} |
{{end}}
{{end}}
| | @right **Total** | @right **{{ gross }}** |

Amount in words: **{{ gross | words }}**

The Customer has no claims as to volume, quality and time of delivery.

@space 10
|-----------|-----------|
| **Supplier**<br>{{ seller_name }} | **Customer**<br>{{ buyer_name }} |
@space 8
|-----------|-----------|
| ____________________ {{ seller_bank.director }} | ____________________ {{ buyer_bank.director }} |

# Акт № {{ number }} от {{ date | long }}
@small сдачи-приёмки выполненных работ (оказанных услуг)
@space 2
|-----|-----------------------------|
| Исполнитель | **{{ seller_name }}**{{if seller_ids}}, {{ seller_ids }}{{end}}{{if seller_address}}, {{ seller_address }}{{end}} |
| Заказчик | **{{ buyer_name }}**{{if buyer_ids}}, {{ buyer_ids }}{{end}}{{if buyer_address}}, {{ buyer_address }}{{end}} |
@space 2
| № | Наименование работ, услуг | Кол-во | Ед. | Цена | Сумма |
|----:|----------------------------|------:|----|---------:|----------:|
{{for l in lines}}
| {{ index }} | {{ l.name }} | {{ l.quantity }} | {{ l.unit }} | {{ l.price | amount }} | {{ l.total | amount }} |
{{end}}
|------------------------|--------------------|----------|
{{for t in taxes}}
{{if t.tax}}
| | @right {{if with_tax}}В том числе НДС{{else}}НДС{{end}} {{ t.rate }} % | @right {{ t.tax | amount }} |
{{end}}
{{end}}
| | @right **Всего** | @right **{{ gross | amount }}** |

Всего на сумму {{ gross }}: **{{ gross | words }}**

Вышеперечисленные работы (услуги) выполнены полностью и в срок. Заказчик претензий по объёму, качеству и срокам не имеет.
@line
@space 8
|-----------|-----------|
| **Исполнитель**<br>{{ seller_name }} | **Заказчик**<br>{{ buyer_name }} |
@space 8
|-----------|-----------|
| ____________________ {{ seller_bank.director }}<br>М. П. | ____________________ {{ buyer_bank.director }}<br>М. П. |

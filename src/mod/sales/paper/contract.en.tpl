@center **CONTRACT No. {{ number }}**
@space 2
|-----------|-----------:|
| {{ seller.addresses.size() > 0 ? seller.addresses[0].value.city : '' }} | {{ date | long }} |
@space 2
{{ seller_name }}{{if seller_ids}} ({{ seller_ids }}){{end}}, the Supplier{{if seller_bank.director}}, represented by {{if seller_bank.director_title}}{{ seller_bank.director_title }} {{end}}{{ seller_bank.director }}{{end}}, and {{ buyer_name }}{{if buyer_ids}} ({{ buyer_ids }}){{end}}, the Customer{{if buyer_bank.director}}, represented by {{if buyer_bank.director_title}}{{ buyer_bank.director_title }} {{end}}{{ buyer_bank.director }}{{end}}, agree as follows.

## 1. Subject
1.1. {{ subject }}

## 2. Price and payment
2.1. {{if amount}}The price is {{ amount }} ({{ amount | words }}).{{else}}Prices are agreed for each order.{{end}}
2.2. The Customer pays within {{ buyer.payment_days != null ? buyer.payment_days : seller.payment_days }} days of the date of the invoice.

## 3. Term
3.1. This contract is in force from {{ starts_on | long }}{{if ends_on}} until {{ ends_on | long }}{{else}} for an indefinite time{{end}}.
{{if terms}}

## 4. Further terms
{{ terms }}
{{end}}

## Details and signatures of the parties
|-----------|-----------|
| **Supplier**<br>{{ seller_name }}{{if seller_ids}}<br>{{ seller_ids }}{{end}}{{if seller_address}}<br>{{ seller_address }}{{end}}{{if seller_bank.bank_account}}<br>{{ seller_bank.bank_name }}<br>Account {{ seller_bank.bank_account }}{{end}} | **Customer**<br>{{ buyer_name }}{{if buyer_ids}}<br>{{ buyer_ids }}{{end}}{{if buyer_address}}<br>{{ buyer_address }}{{end}}{{if buyer_bank.bank_account}}<br>{{ buyer_bank.bank_name }}<br>Account {{ buyer_bank.bank_account }}{{end}} |
@space 8
|-----------|-----------|
| ____________________ {{ seller_bank.director }} | ____________________ {{ buyer_bank.director }} |
@footer Contract No. {{ number }}

@center **UMOWA NR {{ number }}**
@space 2
zawarta dnia {{ date | long }}{{if seller.addresses.size() > 0}} ({{ seller.addresses[0].value.city }}){{end}} pomiędzy:

- {{ seller_name }}{{if seller_address}}, {{ seller_address }}{{end}}{{if seller_ids}}, {{ seller_ids }}{{end}}{{if seller_bank.director}}, reprezentowaną przez: {{ seller_bank.director }}{{end}}, zwaną dalej „Wykonawcą”,
- {{ buyer_name }}{{if buyer_address}}, {{ buyer_address }}{{end}}{{if buyer_ids}}, {{ buyer_ids }}{{end}}{{if buyer_bank.director}}, reprezentowaną przez: {{ buyer_bank.director }}{{end}}, zwaną dalej „Zamawiającym”.

## § 1. Przedmiot umowy
{{ subject }}

## § 2. Wynagrodzenie i płatność
1. {{if amount}}Wynagrodzenie wynosi {{ amount }} (słownie: {{ amount | words }}).{{else}}Ceny są uzgadniane w każdym zamówieniu.{{end}}
2. Zamawiający zapłaci w ciągu {{ buyer.payment_days != null ? buyer.payment_days : seller.payment_days }} dni od daty wystawienia faktury.

## § 3. Okres obowiązywania
Umowa obowiązuje od {{ starts_on | short }}{{if ends_on}} do {{ ends_on | short }}{{else}} i została zawarta na czas nieokreślony{{end}}.
{{if terms}}

## § 4. Pozostałe postanowienia
{{ terms }}
{{end}}

@space 14
|-----------|-----------|
| @center ______________________<br>Wykonawca | @center ______________________<br>Zamawiający |
@footer Umowa nr {{ number }}

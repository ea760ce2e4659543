/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useT } from '@/i18n'
import { useMe, useObject } from '@/meta'
import { NoPermission } from '@/ui'
import { ObjectTable } from './ObjectTable'

/** Currencies and their rates by date: a sum is turned into the company's currency by the rate of its day. */
export default function Currencies() {
  const t = useT()
  const me = useMe()
  const currency = useObject('currency')
  const rate = useObject('rate')
  if (!rate) return <NoPermission />
  return (
    <>
      <p className="dim">{t('currencies.intro', { currency: me.company.currency })}</p>
      <ObjectTable object={rate} title={t('currencies.rates')} addLabel={t('currencies.add_rate')} emptyBody={t('currencies.rates_empty')} />
      {currency && <ObjectTable object={currency} title={currency.label_plural} />}
    </>
  )
}

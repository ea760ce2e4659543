/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useT } from '@/i18n'
import { useMe, useObject } from '@/meta'
import { NoPermission } from '@/ui'
import { ObjectTable } from './ObjectTable'

/** The company's own legal entities. */
export default function Company() {
  const t = useT()
  const me = useMe()
  const object = useObject('own_company')
  if (!object) return <NoPermission />
  return (
    <>
      <p className="dim">{t('company.intro', { currency: me.company.currency })}</p>
      <ObjectTable object={object} title={object.label_plural} emptyBody={t('company.empty')} />
    </>
  )
}

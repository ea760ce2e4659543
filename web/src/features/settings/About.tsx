/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useI18n } from '@/i18n'
import { useMe, useMeta } from '@/meta'
import { Panel } from '@/ui'

export default function About() {
  const { t, fmt } = useI18n()
  const meta = useMeta()
  const me = useMe()
  const rows: [string, string][] = [
    [t('about.version'), __KITH_VERSION__],
    [t('about.company'), meta.company.name],
    [t('about.currency'), me.company.currency],
    [t('about.objects'), fmt.number(meta.objects.length)],
    [t('about.generation'), fmt.number(meta.generation)],
    [t('about.licence'), 'GPL-3.0-or-later'],
  ]
  return (
    <Panel title={t('settings.about')}>
      <p className="dim">{t('about.text')}</p>
      <dl className="facts">{rows.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl>
      <p><a className="link" href="/api/v1/openapi.json" target="_blank" rel="noreferrer">{t('about.api')}</a></p>
    </Panel>
  )
}

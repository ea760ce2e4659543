/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useMemo, useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { api } from '@/api'
import { passwordProblem, SHORTEST } from '@/features/start/password'
import { LANGUAGE_NAMES, LANGUAGES, useI18n, type Language } from '@/i18n'
import { useMe } from '@/meta'
import { useOwnSettings } from '@/shell/settings'
import { useTheme, type Theme } from '@/shell/theme'
import { Avatar, Button, ComboBox, Panel, SegmentedControl, Select, TextField, toast } from '@/ui'
import { Texts } from '@/features/import/texts'
import { SecondFactor } from './SecondFactor'
import { Sessions } from './Sessions'
import { Ways } from './Ways'
import { zonesLike, zoneChoices } from './zones'

function Password() {
  const { t } = useI18n()
  const [now, setNow] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const problem = passwordProblem(next, again)
  const save = useMutation({
    mutationFn: () => api.changePassword(now, next),
    onSuccess: () => {
      setNow('')
      setNext('')
      setAgain('')
      setTried(false)
      toast(t('profile.password_changed'))
    },
  })
  return (
    <Panel title={t('profile.password')}>
      <form className="settings-form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!problem) save.mutate() }}>
        <TextField label={t('password.current')} type="password" autoComplete="current-password" value={now} onChange={setNow} />
        <TextField label={t('password.new')} description={t('password.hint', { n: SHORTEST })} type="password" autoComplete="new-password" value={next} onChange={setNext} error={tried && problem === 'password.too_short' ? t(problem, { n: SHORTEST }) : null} />
        <TextField label={t('password.again')} type="password" autoComplete="new-password" value={again} onChange={setAgain} error={tried && problem === 'password.differ' ? t(problem) : null} />
        {save.isError && <p className="bad" role="alert">{save.error.message}</p>}
        <div><Button type="submit" isDisabled={!now || !next || save.isPending}>{t('profile.change_password')}</Button></div>
      </form>
    </Panel>
  )
}

export default function Profile() {
  const { t, fmt, language } = useI18n()
  const me = useMe()
  const own = useOwnSettings()
  const theme = useTheme()
  const zones = useMemo(() => zoneChoices(language), [language])
  const zone = zones.find((z) => z.id === fmt.zone) ?? { id: fmt.zone, label: fmt.zone, detail: '' }
  const name = String(me.label ?? '')
  const email = typeof me.email === 'string' ? me.email : Array.isArray(me.emails) ? String((me.emails[0] as { value?: string } | undefined)?.value ?? '') : ''
  return (
    <>
      <Panel title={t('settings.profile')}>
        <div className="profile-head">
          <Avatar name={name} size={44} />
          <div>
            <div className="strong">{name}</div>
            <div className="dim">{email}</div>
          </div>
        </div>
        <div className="settings-form">
          <Select label={t('user.language')} value={language} choices={LANGUAGES.map((l) => ({ value: l, label: LANGUAGE_NAMES[l] }))} onChange={(l) => l && own.chooseLanguage(l as Language)} />
          <ComboBox label={t('profile.zone')} value={zone} isRequired onChange={(z) => z && own.chooseZone(z.id)} description={t('profile.zone_now', { time: fmt.clock(new Date().toISOString()) })}
            load={(q) => Promise.resolve(zonesLike(zones, q))} />
          <div className="field">
            <span className="field-label">{t('user.theme')}</span>
            <div className="row">
              <SegmentedControl label={t('user.theme')} value={theme} onChange={own.chooseTheme} items={(['light', 'dark', 'system'] as Theme[]).map((x) => ({ id: x, label: t(`theme.${x}`) }))} />
            </div>
          </div>
        </div>
      </Panel>
      <Password />
      <Texts><Ways /><SecondFactor /><Sessions /></Texts>
    </>
  )
}

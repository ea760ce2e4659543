/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first page: who we are, then a demo company to look around in or an empty one to begin with. */
import { useMemo, useState } from 'react'
import { useMutation } from '@tanstack/react-query'
import { ArrowRight, Building2, Compass } from 'lucide-react'
import { api, isSignedOut, Problem, type Operation, type Setup as SetupData } from '@/api'
import { LANGUAGE_NAMES, LANGUAGES, useI18n, type Language } from '@/i18n'
import { Button, ComboBox, Progress, Select, TextField } from '@/ui'
import { followOperation } from './operation'
import { passwordProblem, SHORTEST } from './password'

interface Country {
  id: string
  label: string
  detail: string
}

const HOME: Record<Language, string> = { en: 'GB', ru: 'RU', pl: 'PL' }

function useCountries(setup: SetupData): Country[] {
  const { language } = useI18n()
  return useMemo(() => {
    const names = new Intl.DisplayNames(language, { type: 'region' })
    return setup.countries
      .map((c) => ({ id: c.code, label: names.of(c.code) ?? c.label, detail: c.currency }))
      .sort((a, b) => a.label.localeCompare(b.label, language))
  }, [setup, language])
}

function Choice({ onDone }: { onDone: () => void }) {
  const { t, fmt } = useI18n()
  const [progress, setProgress] = useState<Operation | null>(null)
  const demo = useMutation({ mutationFn: async () => followOperation(await api.startDemo('small'), setProgress), onSuccess: onDone })
  if (demo.isPending) {
    return (
      <div className="start-card" role="status">
        <h1>{t('setup.filling')}</h1>
        <p className="dim">{t('setup.filling_body')}</p>
        <Progress label={t('setup.filling')} value={progress?.total ? progress.done / progress.total : undefined} />
        {!!progress?.total && <p className="dim small num">{t('setup.filled', { done: fmt.number(progress.done), total: fmt.number(progress.total) })}</p>}
      </div>
    )
  }
  return (
    <div className="start-card start-wide">
      <h1>{t('setup.ready')}</h1>
      <p className="dim">{t('setup.ready_body')}</p>
      {demo.isError && <p className="bad" role="alert">{demo.error.message}</p>}
      <div className="start-choices">
        <button type="button" className="start-choice" onClick={() => demo.mutate()}>
          <Compass size={22} aria-hidden />
          <strong>{t('setup.look')}</strong>
          <span className="dim">{t('setup.look_body')}</span>
        </button>
        <button type="button" className="start-choice" onClick={onDone}>
          <Building2 size={22} aria-hidden />
          <strong>{t('setup.begin')}</strong>
          <span className="dim">{t('setup.begin_body')}</span>
        </button>
      </div>
    </div>
  )
}

export function Setup({ setup }: { setup: SetupData }) {
  const { t, language, setLanguage } = useI18n()
  const countries = useCountries(setup)
  const [code, setCode] = useState<string | null>(null)
  const [values, setValues] = useState({ company: '', name: '', email: '', password: '', again: '' })
  const [tried, setTried] = useState(false)
  const token = new URLSearchParams(location.search).get('token') ?? undefined
  const country = countries.find((c) => c.id === (code ?? HOME[language])) ?? countries[0] ?? null
  const problem = passwordProblem(values.password, values.again)
  const create = useMutation({
    mutationFn: async () => {
      const { again: _, ...rest } = values
      await api.runSetup({ ...rest, email: rest.email.trim(), token, language, country: country?.id ?? '' })
      await api.me().catch((e: unknown) => (isSignedOut(e) ? api.signIn(rest.email.trim(), rest.password) : Promise.reject(e)))
    },
  })
  const errors = create.error instanceof Problem ? create.error.byField : {}
  const text = (name: keyof typeof values) => ({ value: values[name], onChange: (v: string) => setValues({ ...values, [name]: v }), error: errors[name] ?? (tried && !values[name].trim() ? t('setup.missing') : null) })
  if (create.isSuccess) return <Choice onDone={() => location.assign('/')} />
  const submit = () => {
    setTried(true)
    if (!problem && values.company.trim() && values.name.trim() && values.email.trim()) create.mutate()
  }
  return (
    <form className="start-card start-wide" noValidate onSubmit={(e) => { e.preventDefault(); submit() }}>
      <h1>{t('setup.title')}</h1>
      <p className="dim">{t('setup.intro')}</p>
      <div className="start-pair">
        <Select label={t('user.language')} value={language} choices={LANGUAGES.filter((l) => setup.languages.includes(l)).map((l) => ({ value: l, label: LANGUAGE_NAMES[l] }))} onChange={(l) => l && setLanguage(l as Language)} />
        <ComboBox<Country> label={t('setup.country')} value={country} isRequired error={errors.country} onChange={(c) => c && setCode(c.id)}
          load={(q) => Promise.resolve(countries.filter((c) => c.label.toLowerCase().includes(q.toLowerCase())))} />
      </div>
      <TextField label={t('setup.company')} autoComplete="organization" autoFocus {...text('company')} />
      <h2>{t('setup.admin')}</h2>
      <div className="start-pair">
        <TextField label={t('setup.name')} autoComplete="name" {...text('name')} />
        <TextField label={t('signin.email')} type="email" autoComplete="username" {...text('email')} />
      </div>
      <div className="start-pair">
        <TextField label={t('signin.password')} type="password" autoComplete="new-password" description={t('password.hint', { n: SHORTEST })} {...text('password')} error={errors.password ?? (tried && problem === 'password.too_short' ? t(problem, { n: SHORTEST }) : null)} />
        <TextField label={t('password.again')} type="password" autoComplete="new-password" {...text('again')} error={tried && problem === 'password.differ' ? t(problem) : null} />
      </div>
      {create.isError && <p className="bad" role="alert">{create.error.message}</p>}
      <div className="row">
        {country && <span className="dim small">{t('setup.currency', { currency: country.detail })}</span>}
        <span className="grow" />
        <Button kind="solid" type="submit" isDisabled={create.isPending}>{t('setup.go')}<ArrowRight size={15} aria-hidden /></Button>
      </div>
    </form>
  )
}

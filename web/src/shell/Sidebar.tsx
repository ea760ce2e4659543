/* SPDX-License-Identifier: GPL-3.0-or-later */
import { lazy, Suspense } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Keyboard, Languages, LogOut, Monitor, Moon, Search, Settings, Sun, UserCog } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { api } from '@/api'
import { LANGUAGE_NAMES, LANGUAGES, useI18n } from '@/i18n'
import { useMe, useMeta } from '@/meta'
import { Avatar, Button, cx, IconButton, Kbd, Menu, toastError } from '@/ui'
import { buildNav, type NavItem } from './nav'
import { forgetRecents } from './recent'
import { modules } from './registry'
import { useOwnSettings } from './settings'
import { useTheme, type Theme } from './theme'

/** The mark and the company's name. */
export function Brand() {
  const meta = useMeta()
  return (
    <span className="brand">
      <span className="logo" aria-hidden />
      <span className="truncate">{meta.company.name || 'Kith'}</span>
    </span>
  )
}

function NavLink({ item, path }: { item: NavItem; path: string }) {
  const on = item.href === '/' ? path === '/' : path === item.href || path.startsWith(item.href + '/')
  return (
    <li>
      <Link href={item.href} className={cx('nav', on && 'nav-on')} aria-current={on ? 'page' : undefined}>
        <item.icon size={16} aria-hidden />
        <span className="truncate">{item.label}</span>
        {item.goKey && <Kbd keys={'G ' + item.goKey} />}
      </Link>
    </li>
  )
}

const THEME_ICONS = { light: Sun, dark: Moon, system: Monitor } as const

function Foot({ onKeys }: { onKeys: () => void }) {
  const { t, language } = useI18n()
  const me = useMe()
  const client = useQueryClient()
  const theme = useTheme()
  const own = useOwnSettings()
  const [, navigate] = useLocation()
  const name = String(me.label ?? me.name ?? me.email ?? '')
  const signOut = async () => {
    try {
      await api.signOut()
      forgetRecents()
      navigate('/')
      client.clear()
      location.assign('/')
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <div className="side-foot">
      <Menu label={t('user.menu')} placement="top start"
        trigger={
          <Button kind="ghost" className="user-button">
            <Avatar name={name} size={24} />
            <span className="truncate">{name}</span>
          </Button>
        }
        items={[
          { items: [
            { id: 'profile', label: t('settings.profile'), icon: UserCog, onAction: () => navigate('/settings/profile') },
            { id: 'settings', label: t('settings.title'), icon: Settings, onAction: () => navigate('/settings') },
            { id: 'keys', label: t('keys.title'), icon: Keyboard, keys: '?', onAction: onKeys },
          ] },
          { items: [{ id: 'out', label: t('user.sign_out'), icon: LogOut, onAction: () => void signOut() }] },
        ]} />
      <Menu label={t('user.language')} placement="top end" trigger={<IconButton icon={Languages} size={15} label={t('user.language')} />}
        items={LANGUAGES.map((l) => ({ id: l, label: LANGUAGE_NAMES[l], checked: l === language, onAction: () => own.chooseLanguage(l) }))} />
      <Menu label={t('user.theme')} placement="top end" trigger={<IconButton icon={THEME_ICONS[theme]} size={15} label={t('user.theme')} />}
        items={(['light', 'dark', 'system'] as Theme[]).map((x) => ({ id: x, label: t(`theme.${x}`), icon: THEME_ICONS[x], checked: x === theme, onAction: () => own.chooseTheme(x) }))} />
    </div>
  )
}

const corners = modules.flatMap((m) => m.corner ?? []).map((load) => lazy(load))

/** What modules put beside the name of the company. */
export const Corner = () => <Suspense fallback={null}>{corners.map((C, i) => <C key={i} />)}</Suspense>

/** The navigation: brand, search, groups of pages, the user. */
export function Sidebar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const { t } = useI18n()
  const meta = useMeta()
  const [path] = useLocation()
  const { groups, bottom } = buildNav(meta, t)
  return (
    <nav className="side" aria-label={t('nav.main')}>
      <div className="side-top"><Brand /><Corner /></div>
      <Button kind="ghost" className="find" onPress={onSearch}>
        <Search size={14} aria-hidden />
        <span className="grow">{t('ui.search')}</span>
        <Kbd keys="Ctrl K" />
      </Button>
      <div className="side-scroll">
        {groups.map((g, i) => (
          <div key={i} className="side-group">
            {g.label && <h2>{g.label}</h2>}
            <ul aria-label={g.label ?? t('nav.main')}>{g.items.map((item) => <NavLink key={item.href} item={item} path={path} />)}</ul>
          </div>
        ))}
      </div>
      <ul className="side-bottom" aria-label={t('settings.title')}>{bottom.map((item) => <NavLink key={item.href} item={item} path={path} />)}</ul>
      <Foot onKeys={onKeys} />
    </nav>
  )
}

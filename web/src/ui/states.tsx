/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a view shows when it has no data to show: nothing there, an error, no right; and the boundary that keeps
   one broken part from taking the page with it. */
import { Component, type ReactNode } from 'react'
import { LockKeyhole, RotateCw, TriangleAlert } from 'lucide-react'
import { useT } from '@/i18n'
import { Button } from './button'
import { cx } from './cx'

const Lines = () => (
  <svg width="72" height="44" viewBox="0 0 72 44" aria-hidden>
    <rect x="1" y="1" width="70" height="12" rx="4" />
    <rect x="1" y="17" width="70" height="12" rx="4" opacity=".6" />
    <rect x="1" y="33" width="70" height="10" rx="4" opacity=".3" />
  </svg>
)

/* A state that is the whole page (`page`) carries its heading. */
const Title = ({ page, children }: { page?: boolean; children: ReactNode }) => (page ? <h1>{children}</h1> : <strong>{children}</strong>)

/** Nothing here: one sentence and one way out.  Show it only after data has arrived. */
export function EmptyState({ title, body, action, page }: { title: string; body?: string; action?: ReactNode; page?: boolean }) {
  return (
    <div className={cx('state', page && 'state-page')}>
      <Lines />
      <Title page={page}>{title}</Title>
      {body && <p>{body}</p>}
      {action && <div className="state-action">{action}</div>}
    </div>
  )
}

/** What went wrong, in the server's words, with a button to try again. */
export function ErrorState({ error, onRetry, title, page }: { error: unknown; onRetry?: () => void; title?: string; page?: boolean }) {
  const t = useT()
  const text = error instanceof Error && error.name === 'Problem' ? error.message : t('ui.broken')
  return (
    <div className={cx('state', page && 'state-page')} role="alert">
      <TriangleAlert size={22} aria-hidden className="state-icon" />
      <Title page={page}>{title ?? t('ui.error')}</Title>
      <p>{text}</p>
      {onRetry && (
        <div className="state-action">
          <Button icon={RotateCw} onPress={onRetry}>{t('ui.retry')}</Button>
        </div>
      )}
    </div>
  )
}

/** The caller may not see this. */
export function NoPermission({ body, page }: { body?: string; page?: boolean }) {
  const t = useT()
  return (
    <div className={cx('state', page && 'state-page')}>
      <LockKeyhole size={22} aria-hidden className="state-icon" />
      <Title page={page}>{t('ui.denied')}</Title>
      <p>{body ?? t('ui.denied_body')}</p>
    </div>
  )
}

interface BoundaryProps {
  children: ReactNode
  /** The error is forgotten when this changes (the path of the page). */
  resetKey?: string
}

/** Shows an error of its children in their place. */
export class ErrorBoundary extends Component<BoundaryProps, { error: unknown; key?: string }> {
  override state: { error: unknown; key?: string } = { error: null, key: this.props.resetKey }
  static getDerivedStateFromError = (error: unknown) => ({ error })
  static getDerivedStateFromProps(p: BoundaryProps, s: { key?: string }) {
    return p.resetKey === s.key ? null : { error: null, key: p.resetKey }
  }
  override render() {
    if (this.state.error === null) return this.props.children
    return <ErrorState error={this.state.error} onRetry={() => this.setState({ error: null })} />
  }
}

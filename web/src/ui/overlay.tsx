/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Floating things: popovers, dialogs, sheets and the question "are you sure". */
import { useState, useSyncExternalStore, type ReactNode, type RefObject } from 'react'
import { Dialog as AriaDialog, DialogTrigger, Heading, Modal, ModalOverlay, Popover as AriaPopover } from 'react-aria-components'
import { X } from 'lucide-react'
import { useT } from '@/i18n'
import { cx } from './cx'
import { Button, IconButton } from './button'

export interface PopoverProps {
  /** The button that opens it; without it give `anchor`, `isOpen` and `onOpenChange`. */
  trigger?: ReactNode
  anchor?: RefObject<Element | null>
  isOpen?: boolean
  onOpenChange?: (open: boolean) => void
  label: string
  placement?: 'bottom start' | 'bottom end' | 'bottom' | 'top' | 'top start' | 'right top' | 'left top'
  className?: string
  /** A function gets `close`. */
  children: ReactNode | ((close: () => void) => ReactNode)
}

/** A floating box beside a button, with anything inside. */
export function Popover(p: PopoverProps) {
  const [own, setOwn] = useState(false)
  const isOpen = p.isOpen ?? own
  const change = (open: boolean) => {
    setOwn(open)
    p.onOpenChange?.(open)
  }
  const inside = typeof p.children === 'function' ? p.children(() => change(false)) : p.children
  const content = (
    <AriaPopover className={cx('pop', p.className)} aria-label={p.label} offset={4} placement={p.placement ?? 'bottom start'} triggerRef={p.anchor} isOpen={p.trigger ? undefined : isOpen} onOpenChange={p.trigger ? undefined : change}>
      <div className="pop-body">{inside}</div>
    </AriaPopover>
  )
  if (!p.trigger) return content
  return <DialogTrigger isOpen={isOpen} onOpenChange={change}>{p.trigger}{content}</DialogTrigger>
}

export interface DialogProps {
  isOpen: boolean
  onClose: () => void
  title: string
  /** small 420, medium 560, large 860 pixels. */
  size?: 'small' | 'medium' | 'large'
  /** Buttons at the bottom. */
  footer?: ReactNode
  /** False keeps it open on a press outside (forms with unsaved text). */
  isDismissable?: boolean
  children: ReactNode
}

function Frame({ title, footer, onClose, children }: Pick<DialogProps, 'title' | 'footer' | 'onClose' | 'children'>) {
  const t = useT()
  return (
    <AriaDialog className="dialog-box">
      <header>
        <Heading slot="title" level={2}>{title}</Heading>
        <IconButton icon={X} label={t('ui.close')} keys="Esc" onPress={onClose} />
      </header>
      <div className="dialog-body">{children}</div>
      {footer && <footer>{footer}</footer>}
    </AriaDialog>
  )
}

/** A dialog over the page. */
export function Dialog({ isOpen, onClose, size = 'medium', isDismissable = true, ...rest }: DialogProps) {
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(o) => !o && onClose()} isDismissable={isDismissable}>
      <Modal className={cx('dialog', 'dialog-' + size)}>
        <Frame {...rest} onClose={onClose} />
      </Modal>
    </ModalOverlay>
  )
}

/** A drawer from the right (or `side="left"`), whole width on a phone: record previews, builders, forms. */
export function Sheet({ isOpen, onClose, side = 'right', isDismissable = true, ...rest }: Omit<DialogProps, 'size'> & { side?: 'left' | 'right' }) {
  return (
    <ModalOverlay className="overlay overlay-sheet" isOpen={isOpen} onOpenChange={(o) => !o && onClose()} isDismissable={isDismissable}>
      <Modal className={cx('sheet', 'sheet-' + side)}>
        <Frame {...rest} onClose={onClose} />
      </Modal>
    </ModalOverlay>
  )
}

/** A bare modal for things that draw their own frame (the palette). */
export function BareModal(p: { isOpen: boolean; onClose: () => void; label: string; className?: string; overlayClassName?: string; children: ReactNode }) {
  return (
    <ModalOverlay className={cx('overlay', p.overlayClassName)} isOpen={p.isOpen} onOpenChange={(o) => !o && p.onClose()} isDismissable>
      <Modal className={p.className}>
        <AriaDialog aria-label={p.label} className="bare">{p.children}</AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

interface Question {
  title: string
  body?: string
  /** The text of the button that goes on; say what it does. */
  action: string
  danger?: boolean
}

let asked: (Question & { answer: (yes: boolean) => void }) | null = null
const listeners = new Set<() => void>()
const tell = () => listeners.forEach((l) => l())

/** Asks before something that cannot be taken back.  Needs <ConfirmHost/> once in the page. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked = {
      ...question,
      answer: (yes) => {
        asked = null
        tell()
        resolve(yes)
      },
    }
    tell()
  })
}

/** Where confirm() shows its questions. */
export function ConfirmHost() {
  const t = useT()
  const q = useSyncExternalStore((l) => (listeners.add(l), () => listeners.delete(l)), () => asked)
  const [last, setLast] = useState(q)
  if (q && q !== last) setLast(q)
  const shown = q ?? last
  if (!shown) return null
  return (
    <Dialog isOpen={q !== null} onClose={() => shown.answer(false)} title={shown.title} size="small"
      footer={
        <>
          <Button onPress={() => shown.answer(false)}>{t('ui.cancel')}</Button>
          <Button kind={shown.danger ? 'danger' : 'solid'} className={shown.danger ? 'btn-danger-line' : undefined} autoFocus onPress={() => shown.answer(true)}>{shown.action}</Button>
        </>
      }>
      {shown.body && <p style={{ overflowWrap: 'anywhere' }}>{shown.body}</p>}
    </Dialog>
  )
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* The row that adds: a product by its name or code, or any words. */
import { useId, useState, type KeyboardEvent, type Ref as ReactRef } from 'react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useMeta } from '@/meta'
import { useTexts } from '@/features/import/texts'
import { findProducts, type Product } from './calls'

interface Props { inputRef: ReactRef<HTMLInputElement>; onAdd: (product: Product | null, text: string) => void; onUp: () => void }

export function AddLine({ inputRef, onAdd, onUp }: Props) {
  const { t, fmt } = useTexts(), meta = useMeta(), id = useId(), [text, setText] = useState(''), [at, setAt] = useState(0), [open, setOpen] = useState(false)
  const asked = text.trim()
  const { data } = useQuery({ queryKey: ['many', 'product', 'pick', asked], enabled: asked !== '', staleTime: 60_000, placeholderData: keepPreviousData, queryFn: ({ signal }) => findProducts(meta, asked, signal) })
  const found = asked ? data ?? [] : [], shown = open && asked !== ''
  const add = (p: Product | null) => {
    if (!p && !asked) return
    setText('')
    setOpen(false)
    onAdd(p, asked)
  }
  const onKey = (e: KeyboardEvent) => {
    e.stopPropagation()
    if (e.key === 'ArrowDown' && shown) setAt(Math.min(at + 1, found.length))
    else if (e.key === 'ArrowUp' && shown) setAt(Math.max(at - 1, 0))
    else if (e.key === 'ArrowUp') onUp()
    else if (e.key === 'Enter') add(shown ? found[at] ?? null : null)
    else if (e.key === 'Escape' && shown) setOpen(false)
    else return
    e.preventDefault()
  }
  const option = (i: number) => ({ id: `${id}-${i}`, role: 'option' as const, 'aria-selected': i === at, onMouseDown: (e: React.MouseEvent) => e.preventDefault(), onMouseMove: () => setAt(i) })
  return (
    <div className="line-add">
      <Plus size={14} aria-hidden />
      <input ref={inputRef} role="combobox" aria-expanded={shown} aria-controls={id} aria-activedescendant={shown ? `${id}-${at}` : undefined} aria-autocomplete="list" aria-label={t('lines.add')} placeholder={t('lines.add')}
        value={text} autoComplete="off" onChange={e => { setText(e.target.value); setAt(0); setOpen(true) }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={onKey} />
      {shown && (
        <ul id={id} role="listbox" aria-label={t('lines.products')} className="line-found">
          {found.map((p, i) => (
            <li key={p.id} {...option(i)} onClick={() => add(p)}>
              <span className="truncate">{p.name}</span>{p.code && <span className="dim small">{p.code}</span>}<span className="grow" />
              {p.price && <span className="num small">{fmt.money(p.price, 'exact')}</span>}
            </li>
          ))}
          <li {...option(found.length)} onClick={() => add(null)} className="dim">{t('lines.free', { text: asked })}</li>
        </ul>
      )}
    </div>
  )
}

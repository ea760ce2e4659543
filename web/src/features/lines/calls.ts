/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the table of lines asks and does.  Each change is one request; totals are asked again when changes have rested. */
import { useEffect, useRef } from 'react'
import { useQuery } from '@tanstack/react-query'
import { api, keys, queryClient, type ListQuery, type Page, type Rec } from '@/api'
import { call } from '@/api/http'
import { quote } from '@/fields/filterKit'
import { findObject, type Meta, type ObjectMeta } from '@/meta'
import type { Money } from '@/fields/types'
import type { Pasted } from './model'

const FIELDS = ['position', 'product', 'name', 'quantity', 'unit', 'price', 'list_price', 'discount', 'discount_amount', 'tax_rate', 'vat', 'period', 'term', 'total', 'cost', 'note']
/** What a copy of a line takes along. */
const COPIED = ['product', 'name', 'quantity', 'unit', 'price', 'discount', 'discount_amount', 'tax_rate', 'vat', 'period', 'term', 'cost', 'note']
const SIZE = 200

const queryOf = (line: ObjectMeta, owner: string, id: string): ListQuery => ({ filter: `${owner} == ${quote(id)}`, order_by: 'position', page_size: SIZE, fields: FIELDS.filter(n => line.fields.some(f => f.name === n)) })

/** All lines of a document, in order. */
export function useLines(object: ObjectMeta, line: ObjectMeta, id: string) {
  const query = queryOf(line, object.name, id), key = [...keys.many(line.name), 'lines', id]
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<Page> => {
      const all: Rec[] = []
      for (let page: string | null = null, more = true; more;) {
        const got: Page = await api.list(line.plural, { ...query, page_token: page }, signal)
        all.push(...got.data)
        page = got.next_page_token
        more = page !== null
      }
      return { data: all, next_page_token: null }
    },
  })
  /* An answer that is under way may be older than what is put. */
  const put = (change: (rows: Rec[]) => Rec[]) => {
    void queryClient.cancelQueries({ queryKey: key })
    queryClient.setQueryData<Page>(key, p => p && { ...p, data: change(p.data) })
  }
  return { lines: data?.data, error, retry: () => void refetch(), put, key }
}

/** Asks lines and document again when nothing has been changed for a moment. */
export function useRefresh(object: ObjectMeta, id: string, key: readonly unknown[]): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const go = () => {
    void queryClient.invalidateQueries({ queryKey: key })
    void queryClient.invalidateQueries({ queryKey: keys.record(object.name, id) })
    void queryClient.invalidateQueries({ queryKey: keys.many(object.name), refetchType: 'none' })
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(go, 200)
  }
}

export const copyOf = (line: ObjectMeta, rec: Rec) => Object.fromEntries(COPIED.filter(n => rec[n] !== null && rec[n] !== undefined && line.fields.some(f => f.name === n && !f.readonly)).map(n => [n, rec[n]]))

/** New places of several lines, in one change. */
export const place = (line: ObjectMeta, places: { id: string; position: number }[]) => call(`/${line.plural}:batchUpdate`, { method: 'POST', body: { data: places } })

export interface Product { id: string; name: string; code: string | null; unit: string | null; price: Money | null }

const productOf = (r: Rec): Product => ({ id: r.id, name: String(r.name ?? r.label ?? ''), code: r.code as string | null, unit: r.unit as string | null, price: r.price as Money | null })
const PRODUCT = ['name', 'code', 'unit', 'price']

export async function findProducts(meta: Meta, text: string, signal: AbortSignal): Promise<Product[]> {
  const plural = findObject(meta, 'product')?.plural
  if (!plural) return []
  const page = await api.list(plural, { q: text, filter: 'is_active == true', page_size: 8, fields: PRODUCT }, signal)
  return page.data.map(productOf)
}

/** The products that codes or names stand for. */
export async function productsFor(meta: Meta, texts: string[]): Promise<Map<string, Product>> {
  const plural = findObject(meta, 'product')?.plural, found = new Map<string, Product>(), all = [...new Set(texts)]
  for (let i = 0; plural && i < all.length; i += 50) {
    const list = all.slice(i, i + 50).map(quote).join(', ')
    const page = await api.list(plural, { filter: `is_active == true && (code in [${list}] || name in [${list}])`, page_size: SIZE, fields: PRODUCT })
    for (const p of page.data.map(productOf)) {
      if (p.code && !found.has(p.code)) found.set(p.code, p)
      if (!found.has(p.name)) found.set(p.name, p)
    }
  }
  return found
}

/** What a pasted row makes: of a known product, or a line of its own. */
export function lineFrom(row: Pasted, product: Product | undefined, currency: string) {
  const price = row.price !== null ? { amount: row.price, currency } : product ? undefined : { amount: '0', currency }
  return { ...(product ? { product: { object: 'product', id: product.id } } : { name: row.text }), quantity: row.quantity, ...(row.unit && { unit: row.unit }), ...(price && { price }), ...(row.discount && { discount: row.discount }) }
}

export interface Tax { id: string; label: string; code: string }

/** Tax rates of the company's country on the document's day. */
export function useTaxes(meta: Meta, country: string, day: string): Tax[] {
  const object = findObject(meta, 'tax_rate')
  const filter = `is_active == true && (country == null || country == ${quote(country)})`
  const { data } = useQuery({
    queryKey: [...keys.many('tax_rate'), 'of', country], enabled: object !== null, staleTime: Infinity,
    queryFn: () => api.list(object!.plural, { filter, page_size: 100, fields: ['name', 'code', 'rate', 'starts_on', 'ends_on'] }),
  })
  const valid = (r: Rec) => (!r.starts_on || String(r.starts_on) <= day) && (!r.ends_on || String(r.ends_on) >= day)
  return (data?.data ?? []).filter(valid).map(r => ({ id: r.id, label: r.label ?? r.id, code: String(r.code ?? r.label ?? '') }))
}

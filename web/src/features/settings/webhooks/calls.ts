/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server is asked about webhooks beyond their records. */
import { api, type Rec } from '@/api'
import { call, queryString } from '@/api/http'
import type { ListWebhookDeliveriesReply, RotateWebhookReply, WebhookDelivery, WebhookOverviewReply } from '@/api/schema.gen'

export type Delivery = WebhookDelivery
export type Overview = WebhookOverviewReply

export const webhooks = {
  overview: () => call<Overview>('/webhooks:overview'),
  deliveries: (id: string, state: string | null, pageToken: string | null, signal?: AbortSignal) =>
    call<ListWebhookDeliveriesReply>(`/webhooks/${id}/deliveries${queryString({ state, page_token: pageToken })}`, { signal }),
  delivery: (id: string) => call<Delivery>(`/webhook_deliveries/${id}`),
  create: (values: Record<string, unknown>) => api.create('webhooks', values) as Promise<Rec & { secret: string }>,
  test: (id: string) => api.action('webhooks', id, 'test'),
  rotate: (id: string) => call<RotateWebhookReply>(`/webhooks/${id}:rotate`, { method: 'POST' }),
  replay: (id: string, what: { delivery: string } | { since: string }) => api.action('webhooks', id, 'replay', what) as Promise<unknown> as Promise<{ count: number }>,
}

/** Everything shown of webhooks' deliveries. */
export const KEY = ['webhook-log']

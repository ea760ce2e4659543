/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verifies webhooks with the reference library: standard input is JSON lines of {secret, headers, body}; answers one line each,
   "ok" or what the library says. */
import { createInterface } from 'node:readline'
import { Webhook } from 'standardwebhooks'

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line)
  try {
    new Webhook(secret).verify(body, headers)
    console.log('ok')
  } catch (error) {
    console.log(error.message)
  }
}

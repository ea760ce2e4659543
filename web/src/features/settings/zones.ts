/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time zones, to be chosen from. */

export interface Zone {
  id: string
  label: string
  detail: string
}

/** Zones of the browser with their distance from UTC now, as the picker shows them. */
export function zoneChoices(language: string): Zone[] {
  return Intl.supportedValuesOf('timeZone').map((zone) => {
    const parts = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts()
    return { id: zone, label: zone.replaceAll('_', ' '), detail: parts.find((p) => p.type === 'timeZoneName')?.value ?? '' }
  })
}

/** Those whose name or distance has the words. */
export const zonesLike = (zones: Zone[], words: string): Zone[] => zones.filter((z) => `${z.label} ${z.detail}`.toLowerCase().includes(words.toLowerCase())).slice(0, 60)

// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'

/** True while the page is being printed: then all that is loaded is drawn, and nothing stays behind a tab. */
export function usePrinting(): boolean {
  const [on, set] = useState(false)
  useEffect(() => {
    const before = () => flushSync(() => set(true)), after = () => set(false)
    addEventListener('beforeprint', before)
    addEventListener('afterprint', after)
    return () => { removeEventListener('beforeprint', before); removeEventListener('afterprint', after) }
  }, [])
  return on
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
import { useEffect, useSyncExternalStore } from 'react'
import { WifiOff } from 'lucide-react'
import { connection, keys, queryClient } from '@/api'
import { useT } from '@/i18n'
import { Button } from '@/ui'

/** A line over the page while the server cannot be reached; asks again by itself and refreshes when it is back. */
export function Banner() {
  const t = useT()
  const online = useSyncExternalStore(connection.subscribe, connection.isOnline)
  useEffect(() => {
    if (online) return
    const ask = () => void queryClient.refetchQueries({ queryKey: keys.me })
    const timer = setInterval(ask, 5000)
    addEventListener('online', ask)
    return () => {
      clearInterval(timer)
      removeEventListener('online', ask)
      void queryClient.invalidateQueries()
    }
  }, [online])
  if (online) return null
  return (
    <div className="banner" role="status">
      <WifiOff size={15} aria-hidden />
      <span className="grow">{t('shell.offline')}</span>
      <Button kind="ghost" onPress={() => void queryClient.refetchQueries({ queryKey: keys.me })}>{t('ui.retry')}</Button>
    </div>
  )
}

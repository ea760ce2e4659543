// SPDX-License-Identifier: GPL-3.0-or-later
/* Bringing in data: the file is sent, its columns get their fields, the difference is looked at, the rows come in and can be taken back. */
import { useMeta } from '@/meta'
import { NoPermission } from '@/ui'
import { importable } from './model'
import RunPage from './RunPage'
import Start from './Start'
import { Texts } from './texts'
import './import.css'

export default function ImportPage({ params }: { params: Record<string, string> }) {
  const meta = useMeta()
  if (!importable(meta).length) return <NoPermission page />
  return <Texts>{params.id ? <RunPage key={params.id} id={params.id} /> : <Start />}</Texts>
}

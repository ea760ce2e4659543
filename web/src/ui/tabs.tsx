/* SPDX-License-Identifier: GPL-3.0-or-later */
import type { ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs as AriaTabs, ToggleButton, ToggleButtonGroup, Tooltip, TooltipTrigger } from 'react-aria-components'
import { cx, type Icon } from './cx'
import { Count } from './display'

export interface TabItem {
  id: string
  label: string
  icon?: Icon
  count?: ReactNode
  /** The panel; leave it out when only the choice matters (saved views). */
  content?: ReactNode
}

/** Tabs with their panels; only the chosen panel is in the page. */
export function Tabs(p: { label: string; items: TabItem[]; value: string; onChange: (id: string) => void; className?: string; after?: ReactNode }) {
  return (
    <AriaTabs selectedKey={p.value} onSelectionChange={(k) => p.onChange(String(k))} className={cx('tabs-box', p.className)}>
      <div className="tabs-row">
        <TabList aria-label={p.label} className="tabs">
          {p.items.map((x) => (
            <Tab key={x.id} id={x.id} className="tab">
              {x.icon && <x.icon size={14} aria-hidden />}
              {x.label}
              {x.count !== undefined && <Count>{x.count}</Count>}
            </Tab>
          ))}
        </TabList>
        {p.after}
      </div>
      {p.items.map((x) => <TabPanel key={x.id} id={x.id} className="tab-panel">{x.content}</TabPanel>)}
    </AriaTabs>
  )
}

/** Two to four ways of showing the same thing; icons get their label as a tooltip. */
export function SegmentedControl<V extends string>(p: { label: string; items: { id: V; label: string; icon?: Icon; keys?: string }[]; value: V; onChange: (id: V) => void }) {
  return (
    <ToggleButtonGroup aria-label={p.label} className="seg" selectionMode="single" disallowEmptySelection selectedKeys={[p.value]}
      onSelectionChange={(keys) => {
        const [k] = keys
        if (k !== undefined && k !== p.value) p.onChange(k as V)
      }}>
      {p.items.map((x) =>
        x.icon ? (
          <TooltipTrigger key={x.id} delay={500}>
            <ToggleButton id={x.id} aria-label={x.label} className="seg-item seg-icon"><x.icon size={15} aria-hidden /></ToggleButton>
            <Tooltip className="tip" offset={6}>{x.label}</Tooltip>
          </TooltipTrigger>
        ) : (
          <ToggleButton key={x.id} id={x.id} className="seg-item">{x.label}</ToggleButton>
        ),
      )}
    </ToggleButtonGroup>
  )
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import react from '@vitejs/plugin-react'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import { catalogues } from './lang.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))
const { version } = JSON.parse(readFileSync(root + '../package.json', 'utf8')) as { version: string }
const server = process.env.KITH_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root,
  define: { __KITH_VERSION__: JSON.stringify(version) },
  resolve: { alias: { '@': root + 'src', ...(process.env.VITEST ? {} : { '@formatjs/icu-messageformat-parser': '@formatjs/icu-messageformat-parser/no-parser.js' }) } },
  plugins: [
    react(),
    catalogues(),
    { ...optimizeLocales.vite({ locales: ['en-US', 'ru-RU', 'pl-PL'] }), enforce: 'pre' },
  ],
  server: { proxy: { '/api': { target: server, changeOrigin: true }, '/health': server } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts'], environment: 'node' },
})

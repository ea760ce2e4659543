/// <reference types="vite/client" />
declare module 'virtual:lang/*' {
  const texts: Record<string, import('./i18n').Message>
  export default texts
}

/** The version of package.json. */
declare const __KITH_VERSION__: string

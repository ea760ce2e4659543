import type { Plugin } from 'vite'
export declare function catalogues(): Plugin
export declare function readCatalogue(lang: string, lazy?: boolean): Record<string, string>
export declare function writeKeys(): void
export declare const LANGUAGES: readonly string[]

import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist/', 'src/wire/generated/', 'src/api/generated/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    // Protocol and codecs know no browser: views depend on them, never the reverse.
    files: ['src/protocol/**/*.ts', 'src/wire/**/*.ts', 'src/desktop/*/core/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'window',
        'document',
        'navigator',
        'location',
        'localStorage',
        'fetch',
        'WebSocket',
        'setTimeout',
        'setInterval',
        'performance',
      ],
      'no-restricted-imports': [
        'error',
        { patterns: ['../session/*', '../terminal/*', '../portal/*', '../api/*', '../ui/*', '../app/*', 'svelte*', '@xterm/*'] },
      ],
    },
  },
  {
    files: ['dev/**', '*.config.*', 'test/**'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { 'no-console': 'off' },
  },
);

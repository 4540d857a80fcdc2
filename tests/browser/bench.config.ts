/** The figures of `bench/browser`, taken with the fixtures of the tests. */

import base from './playwright.config.ts';

/**
 * A desktop's canvas needs no WebGL; with all of the page drawn by a software
 * GL it gets half of its pictures. Nothing else is to be recorded meanwhile.
 */
const desktop = {
  trace: 'off',
  screenshot: 'off',
  launchOptions: { ...base.use?.launchOptions, args: ['--no-sandbox', '--disable-dev-shm-usage'] },
} as const;

export default {
  ...base,
  testDir: '../../bench/browser',
  timeout: 300_000,
  projects: [
    { name: 'terminal', testMatch: 'terminal.spec.ts' },
    { name: 'desktop', testMatch: 'desktop.spec.ts', use: desktop },
  ],
};

import { defineConfig } from '@playwright/test';

/** The browser of the machine; none is downloaded. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** As root, in containers, with WebGL drawn in software. */
const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

export default defineConfig({
  testDir: 'specs',
  globalSetup: './build.ts',
  outputDir: 'test-results',
  // Every test is its own sign-in; one stack serves a worker.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  // For machines whose disk is busy with what was built before.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['./last-word.ts']],
  use: {
    actionTimeout: 30_000,
    viewport: { width: 1000, height: 700 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: CHROMIUM, args: FLAGS },
  },
});

/** What every test gets: a stack, and a portal that it is signed in to. */

import { test as base } from '@playwright/test';
import { Portal } from './pages.ts';
import { Stack, type StackFacts } from './stack.ts';

type PerTest = {
  /** The portal, signed in. */
  portal: Portal;
  /** The portal, not signed in. */
  visitor: Portal;
};

type PerWorker = { stack: StackFacts };

export const test = base.extend<PerTest, PerWorker>({
  stack: [
    async ({}, use) => {
      const stack = await Stack.start();
      await use(stack.facts);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  visitor: async ({ page, stack }, use) => {
    await use(new Portal(page, stack));
  },
  portal: async ({ page, stack }, use) => {
    const portal = new Portal(page, stack);
    const credentials = { username: stack.username, password: stack.password };
    const answer = await page.request.post(`${stack.url}/api/v1/session`, { data: credentials });
    if (!answer.ok()) throw new Error(`sign-in answered ${answer.status()}: ${await answer.text()}`);
    await portal.open();
    await use(portal);
  },
});

export { expect } from '@playwright/test';

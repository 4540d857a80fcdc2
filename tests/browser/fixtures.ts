/** What every test gets: a stack, and a portal that it is signed in to. */

import { test as base, type APIRequestContext, type BrowserContext } from '@playwright/test';
import { Admin, type Person } from './admin.ts';
import { AdminPages } from './admin-pages.ts';
import { Portal } from './pages.ts';
import { Stack, type StackFacts } from './stack.ts';
import { settle, type World } from './world.ts';

type PerTest = {
  /** The portal, signed in. */
  portal: Portal;
  /** The portal, not signed in. */
  visitor: Portal;
  /** The same under the name of this machine: passkeys belong to a name. */
  named: Portal;
  /** The administration, signed in as an administrator. */
  pages: AdminPages;
  /** Sets up what the test needs. */
  admin: Admin;
  /** Opens the portal in a browser of its own, signed in as somebody. */
  as: (person: Person) => Promise<Portal>;
};

type PerWorker = {
  stack: StackFacts;
  /** A small firm on the stack. */
  world: World;
};

export const test = base.extend<PerTest, PerWorker>({
  stack: [
    async ({}, use) => {
      const stack = await Stack.start();
      await use(stack.facts);
      await stack.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  world: [
    async ({ playwright, stack }, use) => {
      const request = await playwright.request.newContext();
      await signIn(request, stack, stack);
      const { username, password, port } = stack.ssh;
      await use(await settle(new Admin(request, stack), { username, password }, `127.0.0.1:${port}`));
      await request.dispose();
    },
    { scope: 'worker' },
  ],
  pages: async ({ portal }, use) => {
    await use(new AdminPages(portal));
  },
  named: async ({ page, stack }, use) => {
    await use(new Portal(page, { ...stack, url: stack.url.replace('127.0.0.1', 'localhost') }));
  },
  admin: async ({ playwright, stack }, use) => {
    const request = await playwright.request.newContext();
    await signIn(request, stack, stack);
    await use(new Admin(request, stack));
    await request.dispose();
  },
  as: async ({ browser, stack, contextOptions }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person) => {
      const context = await browser.newContext(contextOptions);
      contexts.push(context);
      await signIn(context.request, stack, person);
      const portal = new Portal(await context.newPage(), stack);
      await portal.open();
      return portal;
    });
    for (const context of contexts) await context.close();
  },
  visitor: async ({ page, stack }, use) => {
    await use(new Portal(page, stack));
  },
  portal: async ({ page, stack }, use) => {
    const portal = new Portal(page, stack);
    await signIn(page.request, stack, stack);
    await portal.open();
    await use(portal);
  },
});

/** Signs in over the API: the cookie belongs to whoever the request context is of. */
async function signIn(request: APIRequestContext, stack: StackFacts, who: Person): Promise<void> {
  const data = { username: who.username, password: who.password };
  const answer = await request.post(`${stack.url}/api/v1/session`, { data });
  if (!answer.ok()) throw new Error(`sign-in answered ${answer.status()}: ${await answer.text()}`);
}

export { expect } from '@playwright/test';

import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { violations } from '../axe.ts';
import { expect, test } from '../fixtures.ts';
import { administration, everyday, WAY_IN, type Stop } from '../tour.ts';

/** Where pictures go, for people to look at; without it none are taken. */
const PICTURES = process.env['PICTURES'];

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };

/** What looks different in other colours. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What can go wrong where there is little room: words that are hidden, things that are too close. */
const LITTLE_ROOM = ['button-name', 'link-name', 'label', 'target-size', 'scrollable-region-focusable', 'page-has-heading-one'];

/** Each look at a page: how wide, in which colours, with which rules (all, where none are named). */
const LOOKS = [
  { size: 'wide', viewport: WIDE, colorScheme: 'light', rules: undefined },
  { size: 'wide', viewport: WIDE, colorScheme: 'dark', rules: COLOURS },
  { size: 'narrow', viewport: NARROW, colorScheme: 'light', rules: LITTLE_ROOM },
  { size: 'narrow', viewport: NARROW, colorScheme: 'dark', rules: [] },
] as const;

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

/** Until what was changed is on the screen. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const ends = document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ends.map((each) => each.finished));
  });
}

/** The page in both sizes and both colours: what is wrong with it. */
async function look(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const { size, viewport, colorScheme, rules } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // What is half under the bar that stays on top is no fault of the page.
    await page.evaluate(() => scrollTo(0, 0));
    await drawn(page);
    const fits = page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 2000 });
    await fits.catch(() => found.push(`${name}, ${size}: something is beyond the edge`));
    const wrong = rules?.length === 0 ? [] : await violations(page, rules);
    found.push(...wrong.map((one) => `${name}, ${size}, ${colorScheme}: ${one}`));
    await picture(page, `${name}-${size}-${colorScheme}`);
  }
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

async function visit(page: Page, url: string, stops: readonly Stop[]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, path, ready, act } of stops) {
    try {
      await page.goto(url + path);
      await page.locator(ready).first().waitFor();
      await act?.(page);
      found.push(...(await look(page, name)));
    } catch (error) {
      found.push(`${name}: ${error}`);
    }
  }
  return found;
}

test.use({ viewport: WIDE });

test('the administration can be read by everybody', async ({ portal, world, stack }) => {
  test.setTimeout(400_000);
  const shell = await portal.page.context().newPage();
  await shell.goto(stack.url);
  await shell.locator('[data-endpoint=erp-shell]').getByTestId('launch').click();
  await expect(shell.getByTestId('viewer')).toHaveAttribute('data-status', 'active');
  expect(await visit(portal.page, stack.url, administration(world))).toEqual([]);
});

test('what everybody uses can be read by everybody', async ({ visitor, as, world, stack }) => {
  test.setTimeout(400_000);
  const found = await visit(visitor.page, stack.url, WAY_IN);
  const portal = await as(world.people.user);
  found.push(...(await visit(portal.page, stack.url, everyday())));
  expect(found).toEqual([]);
});

test('a request for approval can be read by both sides', async ({ as, world, stack }) => {
  test.setTimeout(400_000);
  const asking = await as(world.people.user);
  const flow = await asking.ask('db-primary');
  await flow.goOn();
  await flow.field('ticket').fill('OPS-17');
  await flow.field('connection_settings.username').selectOption('postgres');
  await flow.goOn();
  await asking.page.getByTestId('reason').fill('The nightly job hangs.');
  const found = await look(asking.page, 'flow-approval');
  await flow.goOn();
  await asking.page.getByTestId('waiting').waitFor();
  found.push(...(await look(asking.page, 'flow-waiting')));
  const deciding = await as(world.people.approver);
  const stops = [{ name: 'approvals', path: '/approvals', ready: '[data-testid=approval]' }];
  found.push(...(await visit(deciding.page, stack.url, stops)));
  expect(found).toEqual([]);
});

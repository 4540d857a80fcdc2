import { mkdirSync, writeFileSync } from 'node:fs';
import { Desk } from '../desk.ts';
import { expect, test } from '../fixtures.ts';
import { Portal } from '../pages.ts';
import { FailingWay } from '../way.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** For people to look at, and for ImageMagick to compare. Git ignores them. */
const FOLDER = 'test-results/desktop';

/** A place in the terminal of the desk. */
const IN_TERMINAL = { x: 140, y: 160 };

/**
 * How much a picture may differ, as a mean over all channels: VNC loses
 * nothing, xrdp compresses with loss.
 */
const DIFFERENCE_MAX = { vnc: 0, rdp: 0.02 };

test.beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

for (const protocol of ['vnc', 'rdp'] as const) {
  test.describe(protocol, () => {
    // Debian's xrdp crashes now and then, whoever connects.
    test.describe.configure({ retries: protocol === 'rdp' ? 2 : 0 });

    test('the picture is the machine\'s own', async ({ portal, stack }) => {
      const desk = new Desk(stack.desks[protocol]);
      const viewer = await portal.desktop(protocol);
      // TigerVNC draws the pointer into the picture for who has not moved it.
      const aside = await viewer.at(3, 300);
      await portal.page.mouse.move(aside.x, aside.y);
      const png = `${FOLDER}/${protocol}.png`;
      const difference = async (): Promise<number> => {
        writeFileSync(png, await viewer.snapshot());
        return desk.difference(png);
      };
      await expect.poll(difference).toBeLessThanOrEqual(DIFFERENCE_MAX[protocol]);
      await portal.page.screenshot({ path: `${FOLDER}/${protocol}-page.png` });
    });

    test('the desktop follows the window', async ({ portal, stack }) => {
      const desk = new Desk(stack.desks[protocol]);
      const viewer = await portal.desktop(protocol);
      await expect.poll(() => viewer.read('resizable')).toBe(true);
      await portal.page.setViewportSize({ width: 1400, height: 860 });
      await expect.poll(async () => (await viewer.screen()).width).toBe(1400);
      await expect.poll(() => desk.size()).toEqual(await viewer.screen());
      await portal.page.screenshot({ path: `${FOLDER}/${protocol}-page-large.png` });
    });

    test('what is typed and clicked arrives', async ({ portal, stack }) => {
      const desk = new Desk(stack.desks[protocol]);
      const viewer = await portal.desktop(protocol);
      const { x, y } = await viewer.at(IN_TERMINAL.x, IN_TERMINAL.y);
      const before = await desk.typed();
      await portal.page.mouse.click(x, y);
      const since = async (): Promise<string> => (await desk.typed()).slice(before.length);
      await expect.poll(since).toMatch(/\x1b\[<0;\d+;\d+M/);
      const pointer = await desk.pointer();
      expect(Math.abs(pointer.x - IN_TERMINAL.x)).toBeLessThanOrEqual(1);
      expect(Math.abs(pointer.y - IN_TERMINAL.y)).toBeLessThanOrEqual(1);
      await viewer.press('Shift+H');
      await viewer.type('ello, world! ~/a_b|c');
      await viewer.press('Enter');
      await viewer.press('Control+c');
      await expect.poll(since).toContain('Hello, world! ~/a_b|c\r\x03');
      await portal.page.mouse.wheel(0, 120);
      await expect.poll(since).toMatch(/\x1b\[<65;/);
    });

    test('what is typed while the connection is lost arrives once', async ({ portal, stack }) => {
      const desk = new Desk(stack.desks[protocol]);
      const way = await FailingWay.of(portal.page);
      await portal.open();
      const viewer = await portal.desktop(protocol);
      const { x, y } = await viewer.at(IN_TERMINAL.x, IN_TERMINAL.y);
      const before = await desk.typed();
      const since = async (): Promise<string> => (await desk.typed()).slice(before.length);
      await portal.page.mouse.click(x, y);
      await viewer.type('begun, ');
      await expect.poll(since).toContain('begun, ');
      await portal.page.keyboard.down('Shift');
      await viewer.press('KeyS');
      await expect.poll(since).toContain('begun, S');
      way.loseAll();
      // Under a key that the node lifts meanwhile.
      for (const key of ['KeyE', 'KeyN', 'KeyT']) await viewer.press(key);
      await portal.page.keyboard.up('Shift');
      await viewer.type(' and lost, ');
      await way.close();
      await viewer.hasStatus('reconnecting');
      await viewer.type('typed ahead');
      way.openAgain();
      await viewer.isActive();
      await viewer.press('Control+c');
      await expect.poll(since).toMatch(/begun, SENT and lost, typed ahead\x03/);
    });

    test('text is copied both ways', async ({ portal, stack }) => {
      const desk = new Desk(stack.desks[protocol]);
      const viewer = await portal.desktop(protocol);
      const there = `there → 日本語 ✓ ${protocol}`;
      await portal.page.evaluate((text) => navigator.clipboard.writeText(text), there);
      // What the browser does when the person comes back from another window.
      await portal.page.evaluate(() => window.dispatchEvent(new Event('focus')));
      await expect.poll(() => desk.clipboard()).toBe(there);
      const back = `back → zażółć ${protocol}`;
      await desk.copy(back);
      await expect
        .poll(() => portal.page.evaluate(() => navigator.clipboard.readText()))
        .toBe(back);
      await viewer.isActive();
    });

    test('a wrong password is told', async ({ portal }) => {
      const viewer = await portal.launch(`${protocol}-wrong-password`);
      await viewer.hasStatus('failed');
      await expect(portal.page.getByTestId('failure-code')).toContainText('auth_failed');
      await portal.page.screenshot({ path: `${FOLDER}/${protocol}-wrong-password.png` });
    });

    test('ending it from another tab is told', async ({ portal, context, stack }) => {
      const viewer = await portal.desktop(protocol);
      const other = new Portal(await context.newPage(), stack);
      await other.open('/sessions');
      const row = other.page.locator(`[data-testid=session][data-connection="${viewer.connection}"]`);
      await row.getByTestId('end-session').click();
      await row.getByTestId('end-confirm').click();
      await viewer.hasStatus('ended');
    });

    test('a page that is loaded anew shows the same desktop', async ({ portal, stack }) => {
      const desk = new Desk(stack.desks[protocol]);
      const viewer = await portal.desktop(protocol);
      const before = await desk.typed();
      await portal.page.reload();
      await viewer.isActive();
      await expect.poll(() => viewer.read('framesPresented')).toBeGreaterThan(0);
      await viewer.type('again');
      await expect.poll(async () => (await desk.typed()).slice(before.length)).toContain('again');
    });
  });
}

test('a missing password is asked for', async ({ portal }) => {
  const viewer = await portal.launch('vnc-prompts');
  await viewer.hasStatus('credentials');
  await portal.page.getByTestId('credential-0').fill('marker-1');
  await portal.page.getByTestId('credentials-submit').click();
  await viewer.isActive();
  // It pastes what the browser's clipboard holds: not into the next test.
  await viewer.end();
});

test('what may not be copied stays there, and the page says so', async ({ portal, stack }) => {
  const desk = new Desk(stack.desks.vnc);
  const viewer = await portal.desktop('vnc-no-copy');
  await portal.page.evaluate(() => navigator.clipboard.writeText('before'));
  await desk.copy('kept here');
  await viewer.tool('clipboard').click();
  await expect(portal.page.getByTestId('copy-refused')).toBeVisible();
  await expect(portal.page.getByTestId('paste-refused')).toBeVisible();
  expect(await portal.page.evaluate(() => navigator.clipboard.readText())).toBe('before');
  expect(await desk.clipboard()).toBe('kept here');
});

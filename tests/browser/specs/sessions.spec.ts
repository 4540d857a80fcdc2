import type { WebSocketRoute } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { Portal, PROMPT, Viewer } from '../pages.ts';
import { FailingWay } from '../way.ts';

test('a session is ended from another tab, and its page says so', async ({ portal, context, stack }) => {
  const viewer = await portal.shell();
  const other = new Portal(await context.newPage(), stack);
  await other.open('/sessions');
  const row = other.page.locator(`[data-testid=session][data-connection="${viewer.connection}"]`);
  await row.getByTestId('end-session').click();
  await row.getByTestId('end-confirm').click();
  await viewer.hasStatus('ended');
  await expect(portal.page.getByTestId('ended-title')).toContainText('ended');
});

test('a page that is loaded anew finds the same shell', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('mark=$((40 + 2))-kept');
  await portal.page.reload();
  await viewer.isActive();
  await viewer.enter('echo is-$mark');
  await viewer.shows('is-42-kept');
});

test('a second tab takes the session over, and the first can take it back', async ({ portal, context }) => {
  const first = await portal.shell();
  await first.enter('mark=$((40 + 2))-moved');
  const page = await context.newPage();
  await page.goto(portal.page.url());
  const second = new Viewer(page);
  await second.isActive();
  await first.hasStatus('ended');
  await second.enter('echo is-$mark');
  await second.shows('is-42-moved');
  await portal.page.bringToFront();
  await portal.page.getByTestId('take-back').click();
  await first.isActive();
  await second.hasStatus('ended');
});

test('a new tab opens beside the portal', async ({ portal, context }) => {
  const opened = context.waitForEvent('page');
  await portal.endpoint('shell').getByTestId('launch-tab').click();
  const viewer = new Viewer(await opened);
  await viewer.isActive();
  await viewer.shows(PROMPT);
  await expect(portal.application('lab')).toBeVisible();
});

test('a wrong password of the target is told with its code', async ({ portal }) => {
  const viewer = await portal.launch('wrong-password');
  await viewer.hasStatus('failed');
  await expect(portal.page.getByTestId('failure-code')).toHaveText('auth_failed');
  await expect(portal.page.getByTestId('failure-message')).toContainText('password');
});

test('a target that refuses is told with its code', async ({ portal }) => {
  const viewer = await portal.launch('refusing');
  await viewer.hasStatus('failed');
  await expect(portal.page.getByTestId('failure-code')).toHaveText('target_refused');
});

test('the questions of a target are asked as it wrote them', async ({ portal }) => {
  const viewer = await portal.launch('prompts');
  await viewer.hasStatus('credentials');
  const form = portal.page.getByTestId('credentials');
  await expect(form).toContainText('Code');
  await expect(portal.page.getByTestId('credential-0')).toHaveAttribute('type', 'text');
  await expect(portal.page.getByTestId('credential-1')).toHaveAttribute('type', 'password');
  await portal.page.getByTestId('credential-0').fill('123456');
  await portal.page.getByTestId('credential-1').fill('0000');
  await portal.page.getByTestId('credentials-submit').click();
  await viewer.isActive();
  await viewer.shows('scripted$');
});

test('what was typed when the connection was lost, and just after, arrives once', async ({ portal }) => {
  const way = await FailingWay.of(portal.page);
  await portal.open();
  const viewer = await portal.shell();
  await viewer.enter('stty -echo; count=0');
  way.loseAll();
  await viewer.enter('count=$((count + 1))');
  await way.close();
  await viewer.hasStatus('reconnecting');
  await viewer.enter('count=$((count + 20))');
  way.openAgain();
  await viewer.isActive();
  await viewer.enter('echo is-$count-typed');
  await viewer.shows('is-21-typed');
});

test('a lost connection is found again without a word from the person', async ({ portal }) => {
  const sockets: WebSocketRoute[] = [];
  await portal.page.routeWebSocket(/\/edge\/v1\/connect/, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  await portal.open();
  const viewer = await portal.shell();
  await viewer.enter('mark=$((40 + 2))-back');
  await sockets[0]!.close({ code: 4000, reason: 'the network went away' });
  await expect.poll(() => sockets.length).toBe(2);
  await viewer.isActive();
  await viewer.enter('echo is-$mark');
  await viewer.shows('is-42-back');
});

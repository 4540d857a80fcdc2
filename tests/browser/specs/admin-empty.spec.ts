import { AdminPages } from '../admin-pages.ts';
import { expect, test } from '../fixtures.ts';
import { startFresh, type Fresh } from '../fresh.ts';
import { Portal } from '../pages.ts';

let fresh: Fresh;

test.beforeAll(async () => {
  fresh = await startFresh();
});

test.afterAll(async () => {
  await fresh.stop();
});

/** Signed in to the new installation, whose only person is its administrator. */
async function enter(portal: Portal): Promise<void> {
  await portal.open();
  await portal.signIn(fresh.admin.password);
  await expect(portal.page.getByTestId('user-menu')).toBeVisible();
}

test('a new installation says what to do first, and every empty list what it is for', async ({ page, stack }) => {
  const portal = new Portal(page, { ...stack, url: fresh.url });
  await enter(portal);
  await expect(page.getByTestId('empty')).toContainText('administration');
  await page.getByRole('link', { name: 'Add the first machine' }).click();
  const steps = page.getByTestId('first-steps');
  await expect(steps.locator('[data-step=outpost]')).toHaveAttribute('data-done', 'true');
  await expect(steps.locator('[data-done=false]')).toHaveCount(4);

  const pages = new AdminPages(portal);
  for (const kind of ['applications', 'providers', 'endpoints', 'property-mappings', 'policies', 'flows', 'groups', 'sources']) {
    await pages.open(`/${kind}`);
    const empty = page.getByTestId('empty');
    await expect(empty.getByRole('heading')).toContainText('yet');
    await expect(empty.getByRole('link', { name: /^New / })).toBeVisible();
    await expect(empty).toContainText('causeway apply');
    await expect(empty).toContainText('kind: ');
  }
  await pages.open('/connections');
  await expect(page.getByTestId('empty')).toContainText('Nothing is open');
});

test('the first steps lead to a machine that can be opened', async ({ page, stack }) => {
  const portal = new Portal(page, { ...stack, url: fresh.url });
  await enter(portal);
  const pages = new AdminPages(portal);
  const begin = async (step: string): Promise<void> => {
    await pages.open();
    await page.locator(`[data-step=${step}]`).getByRole('link').click();
  };
  await begin('provider');
  await pages.fill('name', 'servers');
  await pages.choose('outposts', 'default');
  await pages.saved();
  await begin('endpoint');
  await pages.fill('name', 'shell');
  await pages.choose('provider', 'servers');
  await pages.fill('host', `127.0.0.1:${stack.ssh.port}`);
  await pages.tab('settings');
  await pages.addSetting('username');
  await pages.setting('username').getByRole('textbox').fill(stack.ssh.username);
  await pages.addSetting('password');
  await pages.setting('password').locator('input').fill(stack.ssh.password);
  await pages.saved();
  await begin('application');
  await pages.fill('name', 'Servers');
  await pages.choose('provider', 'servers');
  await pages.saved();
  await begin('people');
  await pages.fill('username', 'ada');
  await pages.saved();
  await pages.open();
  await expect(page.getByTestId('node-loads')).toBeVisible();
  await expect(page.getByTestId('first-steps')).toHaveCount(0);

  await page.getByTestId('nav-applications').click();
  await portal.shell('shell');
});

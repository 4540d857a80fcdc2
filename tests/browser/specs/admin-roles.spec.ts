import { AdminPages } from '../admin-pages.ts';
import { expect, test } from '../fixtures.ts';

test('an auditor reads everything and is offered no change', async ({ as, world }) => {
  const pages = new AdminPages(await as(world.people.auditor));
  await pages.open();
  await expect(pages.page.getByTestId('node-loads')).toBeVisible();
  await expect(pages.page.getByText('You may read everything and change nothing.')).toBeVisible();
  for (const kind of ['applications', 'providers', 'endpoints', 'policies', 'flows', 'users', 'groups', 'sources', 'outposts', 'nodes', 'events']) {
    await pages.page.getByTestId(`admin-${kind}`).click();
    await expect(pages.rows.first()).toBeVisible();
    await expect(pages.page.getByTestId('create')).toHaveCount(0);
  }
  await pages.open(`/endpoints/${world.ids['endpoints/db-primary']}`);
  await expect(pages.input('host')).toBeDisabled();
  await expect(pages.page.getByTestId('delete')).toHaveCount(0);
  await pages.tab('policies');
  await expect(pages.page.getByTestId('binding').first()).toBeVisible();
  await expect(pages.page.getByTestId('add-binding')).toHaveCount(0);
  await pages.tab('explain');
  await expect(pages.page.getByTestId('explain')).toBeVisible();
  await pages.open(`/outposts/${world.ids['outposts/plant-graz']}`);
  await expect(pages.input('name')).toBeDisabled();
  await expect(pages.page.getByTestId('join')).toHaveCount(0);
});

test('an operator keeps their applications and sees no other', async ({ as, world, stack }) => {
  const portal = await as(world.people.operator);
  const pages = new AdminPages(portal);
  await pages.open('/applications');
  await expect(pages.rows).toHaveCount(1);
  await expect(pages.rows).toContainText('ERP and accounting');
  await expect(pages.page.getByTestId('admin-users')).toHaveCount(0);
  await pages.page.getByTestId('admin-endpoints').click();
  await expect(pages.row('accounting-pc')).toBeVisible();
  await expect(pages.row('db-primary')).toHaveCount(0);

  await pages.page.getByTestId('create').click();
  await pages.fill('name', 'made-by-operator');
  await pages.choose('provider', 'erp');
  await pages.fill('host', '192.0.2.40');
  await pages.saved();
  await pages.fill('host', '192.0.2.41');
  await pages.saved();
  await pages.delete();

  await pages.open(`/endpoints/${world.ids['endpoints/db-primary']}`);
  await expect(pages.page.getByRole('alert')).toBeVisible();
  await expect(pages.input('host')).toHaveCount(0);
  const answer = await portal.page.request.delete(`${stack.url}/api/v1/admin/endpoints/${world.ids['endpoints/db-primary']}`);
  expect([403, 404]).toContain(answer.status());
});

test('who has no part in the administration is not led to it', async ({ as, world, stack }) => {
  const portal = await as(world.people.user);
  await expect(portal.page.getByTestId('user-menu')).toBeVisible();
  await expect(portal.page.getByTestId('nav-admin')).toHaveCount(0);
  await portal.open('/admin/users');
  await expect(portal.page.getByTestId('row')).toHaveCount(0);
  await expect(portal.page.getByTestId('empty')).toContainText('no such page');
  const answer = await portal.page.request.get(`${stack.url}/api/v1/admin/users`);
  expect(answer.status()).toBe(403);
});

import { expect, test } from '../fixtures.ts';

test('a long list comes in pages, is searched, and keeps both in its address', async ({ pages, admin, world }) => {
  expect(world).toBeDefined();
  const names = Array.from({ length: 55 }, (_, index) => `paged-${String(index).padStart(3, '0')}`);
  for (const name of names) await admin.create('groups', { name });
  await pages.open('/groups?search=paged-');
  await expect(pages.rows).toHaveCount(50);
  const first = await pages.rows.first().textContent();
  await pages.page.getByTestId('next-page').click();
  await expect(pages.page.getByText('51–55')).toBeVisible();
  await expect(pages.rows).toHaveCount(5);
  await pages.page.getByRole('button', { name: 'Previous' }).click();
  await expect(pages.rows.first()).toHaveText(first ?? '');

  await pages.page.keyboard.press('/');
  await expect(pages.page.getByTestId('admin-search')).toBeFocused();
  await pages.search('paged-03');
  await expect(pages.rows).toHaveCount(10);
  await pages.page.reload();
  await expect(pages.rows).toHaveCount(10);
  await expect(pages.page.getByTestId('admin-search')).toHaveValue('paged-03');
});

test('endpoints are filtered by their provider', async ({ pages, world }) => {
  expect(world).toBeDefined();
  await pages.open('/endpoints');
  await expect(pages.rows.first()).toBeVisible();
  await pages.page.getByRole('button', { name: 'Filter' }).click();
  const picker = pages.page.locator('#filters [data-picker=providers]');
  await picker.click();
  await picker.fill('databases');
  await pages.page.getByRole('option', { name: 'databases' }).first().click();
  await expect(pages.page).toHaveURL(/provider=/);
  await expect(pages.rows).toHaveCount(2);
  await expect(pages.row('db-archive')).toBeVisible();
  await pages.page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(pages.row('erp-shell')).toBeVisible();
});

test('a picker with more than it can show follows the arrow keys', async ({ pages, admin, world }) => {
  for (let index = 0; index < 12; index += 1) await admin.create('groups', { name: `picked-${String(index).padStart(2, '0')}` });
  await pages.open(`/endpoints/${world.ids['endpoints/db-primary']}/policies`);
  await pages.page.getByTestId('add-binding').click();
  const dialog = pages.page.getByTestId('binding-dialog');
  await dialog.locator('[data-picker]').fill('picked-');
  await expect(dialog.getByRole('option')).toHaveCount(12);
  for (let presses = 0; presses < 11; presses += 1) await pages.page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('option', { name: 'picked-11' })).toBeInViewport({ ratio: 0.9 });
  await pages.page.keyboard.press('Enter');
  await expect(dialog.locator('[data-picker]')).toHaveValue('picked-11');
});

import { expect, test } from '../fixtures.ts';
import { Viewer } from '../pages.ts';

test('a place that is one\'s own is gone back to, or given up for a new session', async ({ admin, as }) => {
  const { endpoint } = await admin.endpoint({}, { maximum_connections: 1 });
  const portal = await as(await admin.person('alone'));
  const first = await portal.launch(endpoint);
  await first.isActive();
  const connection = first.connection;

  await portal.open();
  await expect(portal.page.getByTestId('live')).toContainText(endpoint);
  await portal.endpoint(endpoint).getByTestId('launch').click();
  const refused = portal.page.getByTestId('dialog');
  await expect(refused.getByTestId('refused')).toHaveAttribute('data-kind', 'full');
  await refused.getByTestId('resume').click();
  const viewer = new Viewer(portal.page);
  await viewer.isActive();
  expect(viewer.connection).toBe(connection);

  await portal.open();
  await portal.endpoint(endpoint).getByTestId('launch').click();
  await refused.getByTestId('replace').click();
  await viewer.isActive();
  expect(viewer.connection).not.toBe(connection);
});

test('a place that somebody else has is said so', async ({ admin, as }) => {
  const { endpoint } = await admin.endpoint({}, { maximum_connections: 1 });
  const quick = await as(await admin.person('quick'));
  await (await quick.launch(endpoint)).isActive();
  const late = await as(await admin.person('late'));
  await late.endpoint(endpoint).getByTestId('launch').click();
  const refused = late.page.getByTestId('dialog');
  await expect(refused.getByTestId('refused')).toContainText('others use them all');
  await expect(refused.getByTestId('resume')).toHaveCount(0);
});

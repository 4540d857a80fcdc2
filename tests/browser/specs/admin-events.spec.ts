import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures.ts';

test('events are filtered, followed, and exported as they are filtered', async ({ pages, admin, as, world, stack }) => {
  expect(world).toBeDefined();
  await admin.create('policies', { name: 'never', expression: 'false' });
  const { endpoint, id } = await admin.endpoint({}, {});
  await admin.create('policy-bindings', { target: id, target_kind: 'endpoint', policy: 'never' });
  const person = await admin.person('refused');
  const portal = await as(person);
  const answer = await portal.page.request.post(
    `${stack.url}/api/v1/applications/${endpoint}/endpoints/${endpoint}/launch`,
  );
  expect(answer.status()).toBe(403);

  await pages.open(`/events?outcome=refused&actor=${person.username}`);
  await expect(pages.rows).toHaveCount(1);
  await expect(pages.rows).toContainText('opened');
  await expect(pages.rows).toContainText('by never');

  const loaded = pages.page.waitForEvent('download');
  await pages.page.getByTestId('export-events').click();
  const text = readFileSync(await (await loaded).path(), 'utf8');
  const events = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ action: 'launch', outcome: 'refused', actor: person.username, policy: 'never' });
  expect(text).not.toContain(person.password);

  await pages.open('/events');
  await pages.page.getByTestId('live-tail').check();
  await admin.create('groups', { name: 'made-while-watched' });
  await expect(pages.rows.first()).toContainText('made-while-watched');
});

import type { Admin, Person } from '../admin.ts';
import { expect, test } from '../fixtures.ts';
import { Viewer, type FlowPage, type Portal } from '../pages.ts';

type Scene = { readonly endpoint: string; readonly requester: Person; readonly approver: Person };

async function scene(admin: Admin): Promise<Scene> {
  const requester = await admin.person('asks');
  const approver = await admin.person('decides');
  const stage = { type: 'approval', name: 'second-person', users: [approver.username], reason_required: true };
  const { endpoint } = await admin.asks([stage]);
  return { endpoint, requester, approver };
}

/** Asks for a reason, and leaves the page waiting. */
async function request(portal: Portal, endpoint: string, reason: string): Promise<FlowPage> {
  const flow = await portal.ask(endpoint);
  await flow.asks('approval');
  await expect(portal.page.getByTestId('flow-submit')).toBeDisabled();
  await portal.page.getByTestId('reason').fill(reason);
  await flow.goOn();
  await expect(portal.page.getByTestId('waiting')).toHaveAttribute('data-state', 'waiting');
  return flow;
}

test('a second person lets somebody in, and the session opens by itself', async ({ admin, as }) => {
  const { endpoint, requester, approver } = await scene(admin);
  const asking = await as(requester);
  await request(asking, endpoint, 'The nightly job hangs.');

  const deciding = await as(approver);
  await expect(deciding.page.getByTestId('waiting-count')).toContainText('1');
  await deciding.page.getByTestId('nav-approvals').click();
  const card = deciding.page.getByTestId('approvals-waiting').getByTestId('approval');
  await expect(card.getByTestId('requester')).toHaveText(requester.username);
  await expect(card.getByTestId('approval-endpoint')).toHaveText(endpoint);
  await expect(card.getByTestId('approval-reason')).toHaveText('The nightly job hangs.');
  await expect(card.getByTestId('time-left')).toContainText(':');
  await card.getByTestId('approve').click();
  await card.getByTestId('decision-comment').fill('Ten minutes.');
  await card.getByTestId('decision-submit').click();

  await new Viewer(asking.page).isActive();
  const history = deciding.page.getByTestId('approvals-history').getByTestId('approval');
  await expect(history).toHaveAttribute('data-state', 'approved');
  await expect(history).toContainText('Ten minutes.');
});

test('a no is told with its comment, and nothing opens', async ({ admin, as }) => {
  const { endpoint, requester, approver } = await scene(admin);
  const asking = await as(requester);
  await request(asking, endpoint, 'Just curious.');

  const deciding = await as(approver);
  await deciding.open('/approvals');
  await deciding.page.getByTestId('deny').click();
  await deciding.page.getByTestId('decision-comment').fill('Not without a ticket.');
  await deciding.page.getByTestId('decision-submit').click();

  await expect(asking.page.getByTestId('not-approved')).toHaveAttribute('data-state', 'denied');
  await expect(asking.page.getByTestId('comment')).toContainText('Not without a ticket.');
  await expect(asking.page.getByTestId('not-approved')).toContainText(approver.username);
});

test('a request that was loaded anew still waits, and goes away when it is taken back', async ({ admin, as }) => {
  const { endpoint, requester, approver } = await scene(admin);
  const asking = await as(requester);
  const flow = await request(asking, endpoint, 'A release.');
  await asking.page.reload();
  await expect(asking.page.getByTestId('waiting')).toHaveAttribute('data-state', 'waiting');

  const deciding = await as(approver);
  await deciding.open('/approvals');
  await expect(deciding.page.getByTestId('approve')).toBeVisible();
  await flow.cancel();
  await expect(deciding.page.getByTestId('approve')).toBeHidden();
  await expect(deciding.page.getByTestId('approvals-history').getByTestId('approval')).toHaveAttribute(
    'data-state',
    'withdrawn',
  );
});

test('nobody else sees what waits', async ({ admin, as }) => {
  const { endpoint, requester } = await scene(admin);
  await request(await as(requester), endpoint, 'A release.');
  const stranger = await as(await admin.person('stranger'));
  await stranger.open('/approvals');
  await expect(stranger.page.getByTestId('empty')).toBeVisible();
  await expect(stranger.page.getByTestId('approval')).toHaveCount(0);
});

test('no answer is a no, and says so', async ({ admin, as }) => {
  const approver = await admin.person('away');
  const { endpoint } = await admin.asks([
    { type: 'approval', name: 'second-person', users: [approver.username], timeout_s: 2 },
  ]);
  const asking = await as(await admin.person('asks'));
  await asking.ask(endpoint);
  await expect(asking.page.getByTestId('not-approved')).toHaveAttribute('data-state', 'expired');
});

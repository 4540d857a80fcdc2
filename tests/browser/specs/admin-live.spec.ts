import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../fixtures.ts';
import { program } from '../stack.ts';

test('what people have open is there with its node, and terminating it tells them', async ({ pages, as, world }) => {
  const bela = await as(world.people.user);
  const viewer = await bela.shell('erp-shell');
  await pages.open('/connections');
  const row = pages.rows.filter({ hasText: 'bela' });
  await expect(row).toContainText('erp-shell');
  await expect(row).toContainText('active');
  await expect(row).toContainText('built-in');
  const plot = pages.page.getByRole('img', { name: /Connections over the last minutes/ });
  await expect(plot).toHaveAccessibleName(/[1-9]\d* of 200 places/);
  await expect(pages.page.getByTestId('node-loads')).toContainText(/[1-9]\d* of 200/);

  await row.getByTestId('terminate').click();
  await row.getByTestId('terminate-confirm').click();
  await viewer.hasStatus('ended');
  await expect(bela.page.getByTestId('ended-words')).toContainText('by an administrator');
  await expect(row.getByText('active')).toHaveCount(0);
  await pages.open('/events?action=terminate');
  await expect(pages.rows.first()).toContainText('erp-shell');
});

test('the overview counts what there is', async ({ pages, admin, world }) => {
  expect(world).toBeDefined();
  await pages.open();
  const count = pages.page.getByRole('link', { name: /Outposts$/ }).last();
  await expect(count).toContainText(/\d/);
  const before = Number((await count.textContent())?.match(/\d+/)?.[0]);
  await admin.create('outposts', { name: 'counted' });
  await pages.page.reload();
  await expect(count).toContainText(String(before + 1));
  await expect(pages.page.getByRole('region', { name: 'What happened lately' })).toContainText('created outpost counted');
});

test('a node joins with the command that is shown, and is drained and taken back', async ({ pages, admin }) => {
  const { id } = await admin.create('outposts', { name: 'joined-here' });
  await pages.open(`/outposts/${id}`);
  await expect(pages.page.getByText('No node yet')).toBeVisible();
  await pages.page.getByTestId('join').click();
  const command = (await pages.page.getByTestId('join-command').locator('pre').textContent()) ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'causeway-node-'));
  const [name, ...given] = command.split(' ');
  expect(name).toBe('causeway');
  const place = given.indexOf('--data-dir') + 1;
  expect(place).toBeGreaterThan(0);
  const args = given.with(place, folder);
  const node = spawn(program(), [...args, '--name', 'joined-node'], { stdio: 'ignore' });
  try {
    await expect(pages.page.getByTestId('joined')).toContainText('joined-node has joined');
    const loads = pages.page.getByTestId('node-loads');
    await expect(loads).toContainText('ready');
    await loads.getByRole('link', { name: 'joined-node' }).click();
    await expect(pages.page.getByText(/^\d+\.\d+\.\d+/)).toBeVisible();
    await pages.page.getByTestId('drain').click();
    await expect(pages.page.getByRole('heading', { name: 'joined-node' }).locator('..')).toContainText('drained');
    await pages.page.getByTestId('undrain').click();
    await expect(pages.page.getByRole('heading', { name: 'joined-node' }).locator('..')).toContainText('ready');
  } finally {
    node.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
});

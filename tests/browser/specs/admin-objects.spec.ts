import type { Locator } from '@playwright/test';
import { AdminPages } from '../admin-pages.ts';
import { expect, test } from '../fixtures.ts';

/** What a person does for one kind: fields that are needed, how they are filled in, and one more that is changed later. */
type Case = {
  readonly kind: string;
  readonly needed: readonly string[];
  readonly write: (pages: AdminPages, name: string) => Promise<void>;
  readonly change: { readonly field: string; readonly to: string };
};

const CASES: readonly Case[] = [
  {
    kind: 'outposts',
    needed: ['name'],
    write: (pages, name) => pages.fill('name', name),
    change: { field: 'name', to: 'changed' },
  },
  {
    kind: 'groups',
    needed: ['name'],
    write: (pages, name) => pages.fill('name', name),
    change: { field: 'attributes', to: '{"site": "graz"}' },
  },
  {
    kind: 'users',
    needed: ['username'],
    write: (pages, name) => pages.fill('username', name),
    change: { field: 'email', to: 'somebody@meridian.example' },
  },
  {
    kind: 'policies',
    needed: ['name', 'expression'],
    write: async (pages, name) => {
      await pages.fill('name', name);
      await pages.fill('expression', 'true');
    },
    change: { field: 'expression', to: 'in_group("staff")' },
  },
  {
    kind: 'property-mappings',
    needed: ['name'],
    write: (pages, name) => pages.fill('name', name),
    change: { field: 'expression', to: '{"username": user.username}' },
  },
  {
    kind: 'flows',
    needed: ['name'],
    write: async (pages, name) => {
      await pages.fill('name', name);
      await pages.page.getByTestId('add-consent').click();
    },
    change: { field: 'title', to: 'Access to a machine' },
  },
  {
    kind: 'providers',
    needed: ['name'],
    write: async (pages, name) => {
      await pages.fill('name', name);
      await pages.choose('outposts', 'default');
    },
    change: { field: 'connection_expiry', to: '2h' },
  },
  {
    kind: 'endpoints',
    needed: ['name', 'provider', 'host'],
    write: async (pages, name) => {
      await pages.fill('name', name);
      await pages.choose('provider', 'erp');
      await pages.fill('host', '192.0.2.10');
    },
    change: { field: 'host', to: '192.0.2.11:2222' },
  },
  {
    kind: 'sources',
    needed: ['name', 'slug', 'issuer', 'client_id'],
    write: async (pages, name) => {
      await pages.fill('name', name);
      await pages.fill('issuer', 'https://id.meridian.example/realms/other');
      await pages.fill('client_id', 'causeway');
    },
    change: { field: 'username_claim', to: 'upn' },
  },
];

for (const { kind, needed, write, change } of CASES) {
  test(`${kind} are made, found, changed and deleted`, async ({ pages, world }) => {
    expect(world).toBeDefined();
    const name = `of-${kind}`;
    await pages.open(`/${kind}`);
    await expect(pages.rows.first()).toBeVisible();
    await pages.page.getByTestId('create').click();
    await pages.save();
    for (const field of needed) await expect(said(pages, field)).toContainText('needed');

    await write(pages, name);
    await pages.saved();
    await expect(pages.page).not.toHaveURL(/\/new/);
    const path = new URL(pages.page.url()).pathname;
    if (kind === 'sources') await pages.tab('people');
    await pages.fill(change.field, change.to);
    await pages.saved();
    await pages.page.reload();
    await expect(pages.input(change.field)).toHaveValue(change.field === 'attributes' ? /graz/ : change.to);

    await pages.open(`/${kind}`);
    const shown = change.field === 'name' ? change.to : name;
    await pages.search(shown);
    await expect(pages.rows).toHaveCount(1);
    await pages.row(shown).getByRole('link').first().click();
    await expect(pages.page).toHaveURL(new RegExp(path));
    const dialog = await pages.askToDelete();
    await expect(dialog).toContainText('Nothing depends on it.');
    await pages.page.getByTestId('delete-confirm').click();
    await expect(pages.page).toHaveURL(new RegExp(`/admin/${kind}$`));
    await pages.search(shown);
    await expect(pages.page.getByTestId('empty')).toContainText('Nothing matches');
  });
}

/** What is said at a field; an expression says it below its text. */
function said(pages: AdminPages, field: string): Locator {
  return pages.page.locator(`[data-field="${field}"]`);
}

test('an application is made, leads to its endpoints, and says who may use it', async ({ pages, admin, world }) => {
  expect(world).toBeDefined();
  await admin.create('providers', { name: 'of-applications', outposts: ['default'] });
  await pages.open('/applications/new');
  await pages.fill('name', 'Night shift');
  await expect(pages.input('slug')).toHaveValue('night-shift');
  await pages.choose('provider', 'of-applications');
  await pages.saved();

  await pages.tab('endpoints');
  await pages.page.getByRole('link', { name: 'New endpoint here' }).click();
  await pages.fill('name', 'night-01');
  await pages.fill('host', '192.0.2.20');
  await pages.saved();

  await pages.open('/applications/night-shift/policies');
  await expect(pages.page.getByTestId('bindings-words')).toContainText('everybody passes');
  await pages.page.getByTestId('add-binding').click();
  await pages.choose('subject', 'staff');
  await pages.page.getByTestId('binding-save').click();
  await expect(pages.page.getByTestId('binding')).toContainText('must be a member of staff');
  await pages.page.getByRole('button', { name: 'Disable' }).click();
  await expect(pages.page.getByTestId('binding')).toContainText('disabled');
  await expect(pages.page.getByTestId('bindings-words')).toContainText('everybody passes');
});

test('what something else needs is not deleted, and what goes along is told', async ({ pages, admin, world }) => {
  const { id } = await admin.create('policies', { name: 'goes-along', expression: 'true' });
  await admin.create('policy-bindings', { target: 'erp', target_kind: 'application', policy: 'goes-along', enabled: false });
  await pages.open(`/providers/${world.ids['providers/databases']}`);
  const dialog = await pages.askToDelete();
  await expect(dialog).toContainText('have to let go of it first');
  for (const name of ['databases', 'db-primary', 'db-archive']) {
    await expect(dialog.getByRole('link', { name, exact: true })).toBeVisible();
  }
  await expect(pages.page.getByTestId('delete-confirm')).toBeDisabled();

  await pages.open(`/policies/${id}`);
  await pages.tab('uses');
  await expect(pages.page.locator('main table')).toContainText('erp');
});

test('what the server refuses is said at its field', async ({ pages, world }) => {
  await pages.open(`/endpoints/${world.ids['endpoints/db-archive']}`);
  await pages.fill('host', 'archive.lan:99999');
  await pages.save();
  await expect(pages.error('host')).toContainText('port');
  await expect(pages.input('host')).toBeFocused();
  await pages.page.reload();
  await expect(pages.input('host')).toHaveValue('archive.lan');

  await pages.open(`/providers/${world.ids['providers/erp']}`);
  await pages.fill('connection_expiry', 'a while');
  await pages.save();
  await expect(pages.error('connection_expiry')).toBeVisible();
});

test('what somebody else wrote in between is shown, and nothing is lost', async ({ pages, admin, as, world }) => {
  expect(world).toBeDefined();
  const { id } = await admin.create('groups', { name: 'two-writers' });
  const other = new AdminPages(await as(await admin.person('second', { role: 'admin' })));
  await pages.open(`/groups/${id}`);
  await other.open(`/groups/${id}`);
  await other.fill('attributes', '{"site": "graz"}');
  await other.saved();
  await pages.fill('name', 'two-writers-renamed');
  await pages.save();
  await expect(pages.page.getByTestId('conflict')).toContainText('graz');
  await pages.page.getByTestId('conflict-merge').click();
  await pages.saved();
  await expect(pages.input('attributes')).toHaveValue(/graz/);
  await expect(pages.input('name')).toHaveValue('two-writers-renamed');
});

test('a form with changes asks before it is left', async ({ pages, world }) => {
  await pages.open(`/groups/${world.ids['groups/staff']}`);
  await pages.fill('name', 'everybody');
  await pages.page.getByTestId('admin-users').click();
  await expect(pages.page.getByTestId('leave-dialog')).toBeVisible();
  await pages.page.keyboard.press('Escape');
  await expect(pages.input('name')).toHaveValue('everybody');
  await pages.page.getByTestId('discard').click();
  await expect(pages.input('name')).toHaveValue('staff');
});

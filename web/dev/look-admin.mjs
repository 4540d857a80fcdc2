/** Pictures of the administration: each scene leads a signed-in page somewhere. */

const go = (path, ready) => async (page, base) => {
  await page.goto(base + path);
  if (ready) await page.locator(ready).first().waitFor({ timeout: 8000 });
  await page.waitForTimeout(500);
};

export const ADMIN_SCENES = {
  overview: async (page, base) => {
    await go('/admin', '[data-testid=node-loads]')(page, base);
    await page.waitForTimeout(4500);
  },
  connections: async (page, base) => {
    await go('/admin/connections', '[data-testid=row]')(page, base);
    await page.waitForTimeout(6500);
  },
  events: go('/admin/events?outcome=refused', '[data-testid=row]'),
  applications: go('/admin/applications', '[data-testid=row]'),
  application: go('/admin/applications/app-data', '[data-input=name]'),
  'application-endpoints': go('/admin/applications/app-data/endpoints', '[data-testid=row]'),
  'application-who': go('/admin/applications/app-data/policies', '[data-testid=binding]'),
  providers: go('/admin/providers', '[data-testid=row]'),
  provider: go('/admin/providers/prv-databases', '[data-input=name]'),
  endpoints: go('/admin/endpoints', '[data-testid=row]'),
  'endpoint-new': async (page, base) => {
    await go('/admin/endpoints/new', '[data-input=name]')(page, base);
    await page.getByTestId('save').click();
    await page.waitForTimeout(400);
  },
  'endpoint-general': go('/admin/endpoints/ep-db-primary', '[data-input=name]'),
  'endpoint-settings': go('/admin/endpoints/ep-db-primary/settings', '[data-setting]'),
  'endpoint-add-setting': async (page, base) => {
    await go('/admin/endpoints/ep-accounting-win11/settings', '[data-setting]')(page, base);
    await page.getByTestId('add-setting').fill('sm');
    await page.waitForTimeout(300);
  },
  'endpoint-text': async (page, base) => {
    await go('/admin/endpoints/ep-db-primary/settings', '[data-setting]')(page, base);
    await page.getByTestId('settings-as-text').click();
  },
  'endpoint-policies': go('/admin/endpoints/ep-db-primary/policies', '[data-testid=binding]'),
  'endpoint-binding': async (page, base) => {
    await go('/admin/endpoints/ep-db-primary/policies', '[data-testid=binding]')(page, base);
    await page.getByTestId('add-binding').click();
    await page.getByTestId('binding-dialog').locator('[data-picker]').click();
    await page.waitForTimeout(400);
  },
  'endpoint-explain': go('/admin/endpoints/ep-db-primary/explain?user=u-bela', '[data-testid=effective]'),
  'endpoint-delete': async (page, base) => {
    await go('/admin/endpoints/ep-db-primary', '[data-input=name]')(page, base);
    await page.getByTestId('delete').click();
    await page.waitForTimeout(400);
  },
  'endpoint-conflict': async (page, base) => {
    await go('/admin/endpoints/ep-old-nas', '[data-input=name]')(page, base);
    await page.locator('[data-input=host]').fill('nas.lan:22');
    await page.request.post(`${base}/api/v1/admin/mock-touch/endpoints/ep-old-nas`, { data: { maximum_connections: 4, host: 'nas2.lan' } });
    await page.getByTestId('save').click();
    await page.getByTestId('conflict').waitFor();
  },
  'endpoint-yaml': async (page, base) => {
    await go('/admin/endpoints/ep-db-primary', '[data-input=name]')(page, base);
    await page.getByTestId('show-yaml').click();
    await page.waitForTimeout(400);
  },
  mapping: go('/admin/property-mappings/map-own-account', '[data-input=expression]'),
  policies: go('/admin/policies', '[data-testid=row]'),
  policy: async (page, base) => {
    await go('/admin/policies/pol-from-the-office', '[data-input=expression]')(page, base);
    await page.locator('[data-field=trial-user] [data-picker]').click();
    await page.keyboard.type('bel');
    await page.waitForTimeout(500);
    await page.keyboard.press('Enter');
    await page.getByTestId('try-policy').click();
    await page.getByTestId('policy-verdict').waitFor();
  },
  'policy-wrong': async (page, base) => {
    await go('/admin/policies/pol-working-hours', '[data-input=expression]')(page, base);
    await page.locator('[data-input=expression]').fill('in_group("staff") &&\n  usr.name != "bot"');
    await page.getByTestId('expression-error').waitFor();
    await page.getByTestId('expression-words').click();
  },
  flows: go('/admin/flows', '[data-testid=row]'),
  flow: async (page, base) => {
    await go('/admin/flows/flow-data', '[data-testid=stage]')(page, base);
    await page.getByTestId('stage-title').nth(1).click();
    await page.waitForTimeout(300);
  },
  users: go('/admin/users', '[data-testid=row]'),
  user: go('/admin/users/u-bela', '[data-input=username]'),
  'user-sign-in': go('/admin/users/u-bela/sign-in', '[data-testid=set-password]'),
  groups: go('/admin/groups', '[data-testid=row]'),
  group: go('/admin/groups/grp-plant', '[data-input=name]'),
  source: go('/admin/sources/src-acme', '[data-input=name]'),
  sessions: go('/admin/sessions', '[data-testid=row]'),
  tokens: go('/admin/tokens', '[data-testid=row]'),
  'token-new': async (page, base) => {
    await go('/admin/tokens', '[data-testid=row]')(page, base);
    await page.getByTestId('new-token').click();
    await page.locator('[data-input=name]').fill('inventory');
    await page.getByTestId('token-make').click();
    await page.getByTestId('token-text').waitFor();
  },
  outposts: go('/admin/outposts', '[data-testid=row]'),
  outpost: async (page, base) => {
    await go('/admin/outposts/out-plant', '[data-testid=join]')(page, base);
    await page.getByTestId('join').click();
    await page.getByTestId('joined').waitFor({ timeout: 12_000 });
  },
  nodes: go('/admin/nodes', '[data-testid=row]'),
  node: go('/admin/nodes/node-vie-2', '[data-testid=drain]'),
  leave: async (page, base) => {
    await go('/admin/groups', '[data-testid=row]')(page, base);
    await page.locator('[data-id=grp-staff] a').first().click();
    await page.locator('[data-input=name]').fill('everybody');
    await page.goBack();
    await page.getByTestId('leave-dialog').waitFor();
  },
  menu: async (page, base) => {
    await go('/admin/groups', '[data-testid=row]')(page, base);
    const toggle = page.getByTestId('admin-menu');
    if (await toggle.isVisible()) await toggle.click();
  },
};

import { expect, test } from '../fixtures.ts';

/** Not to be seen anywhere after it was written. */
const SECRET = 'marker-never-shown-93417';

test('settings are found by what they do, and written in the shape of their type', async ({ pages, admin, world }) => {
  expect(world).toBeDefined();
  const { id } = await admin.create('endpoints', { name: 'of-settings', provider: 'erp', protocol: 'ssh', host: '192.0.2.30' });
  await pages.open(`/endpoints/${id}/settings`);
  await pages.page.getByTestId('add-setting').fill('sign of life');
  await expect(pages.page.getByRole('option').first()).toContainText('server-alive-interval');
  await pages.page.getByTestId('add-setting').press('Enter');
  const interval = pages.setting('server-alive-interval');
  await expect(interval).toContainText('in seconds');
  await interval.getByRole('textbox').fill('soon');
  await expect(interval).toContainText('number');
  await pages.save();
  await expect(pages.page.getByTestId('error-settings.server-alive-interval')).toBeVisible();
  await interval.getByRole('textbox').fill('15');

  await pages.addSetting('disable-copy');
  await pages.setting('disable-copy').getByRole('checkbox').check();
  await pages.addSetting('usrname');
  await expect(pages.setting('usrname')).toContainText('unknown');
  await pages.saved();
  await pages.page.reload();
  await expect(interval.getByRole('textbox')).toHaveValue('15');
  await expect(pages.setting('disable-copy').getByRole('checkbox')).toBeChecked();

  await pages.page.getByTestId('settings-as-text').click();
  await pages.page.getByTestId('settings-text').fill('username=operator\nfont-size: 14');
  await pages.page.getByTestId('settings-as-rows').click();
  await expect(pages.setting('username').getByRole('textbox')).toHaveValue('operator');
  await expect(pages.setting('server-alive-interval')).toBeHidden();
});

test('a secret that was written is never shown again, and stays until it is replaced', async ({ pages, admin, world, stack }) => {
  expect(world).toBeDefined();
  const { id } = await admin.create('endpoints', { name: 'of-secrets', provider: 'erp', protocol: 'ssh', host: '192.0.2.31' });
  const answers: string[] = [];
  pages.page.on('response', (response) => {
    if (response.url().startsWith(`${stack.url}/api/`)) void response.text().then((text) => answers.push(text), () => {});
  });
  await pages.open(`/endpoints/${id}/settings`);
  await pages.addSetting('password');
  await expect(pages.setting('password').locator('input')).toHaveAttribute('type', 'password');
  await pages.setting('password').locator('input').fill(SECRET);
  await pages.saved();
  await expect(pages.page.getByTestId('secret-way-password')).toHaveValue('keep');
  await pages.addSetting('username');
  await pages.setting('username').getByRole('textbox').fill('operator');
  await pages.saved();
  await pages.page.reload();
  await expect(pages.page.getByTestId('secret-way-password')).toHaveValue('keep');
  await pages.page.getByTestId('show-yaml').click();
  await expect(pages.page.getByTestId('yaml-dialog')).toContainText('a secret that is set');
  await pages.page.keyboard.press('Escape');
  await pages.open('/events');
  await expect(pages.rows.first()).toBeVisible();
  expect(answers.length).toBeGreaterThan(5);
  expect(answers.filter((text) => text.includes(SECRET))).toEqual([]);
  await expect(pages.page.locator('body')).not.toContainText(SECRET);
});

test('explain tells who may, why, and where each setting comes from', async ({ pages, world }) => {
  await pages.open(`/endpoints/${world.ids['endpoints/db-primary']}`);
  await pages.tab('explain');
  const picker = pages.page.locator('[data-picker=users]');
  await picker.click();
  await picker.fill('bel');
  await pages.page.getByRole('option', { name: 'bela' }).click();
  const effective = (name: string) => pages.page.getByTestId('effective').filter({ hasText: name });
  await expect(effective('font-size')).toContainText('own-account');
  await expect(effective('password')).toContainText('a secret, set');
  await expect(effective('server-alive-interval')).toContainText('db-primary');

  await pages.fill('explain-address', '192.0.2.99');
  await pages.page.getByTestId('explain').click();
  await expect(pages.page.getByTestId('verdict')).toHaveText('They may not open it.');
  await pages.fill('explain-address', '10.20.1.7');
  await pages.page.getByTestId('explain').click();
  await expect(pages.page.getByTestId('verdict')).toHaveText('They may open it.');
});

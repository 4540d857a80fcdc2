import { giveDevice } from '../device.ts';
import { expect, test } from '../fixtures.ts';
import { Account, PROMPT, Viewer } from '../pages.ts';
import { code } from '../totp.ts';

const CONSENT = { type: 'consent', name: 'terms', text: 'Everything that you type is recorded.' };

const LOGIN = {
  type: 'prompt',
  name: 'login',
  title: 'Who are you there?',
  fields: [
    { name: 'connection_settings.username', label: 'Account', required: true },
    { name: 'connection_settings.password', label: 'Password', type: 'password', required: true },
    { name: 'ticket', label: 'Ticket', required: true, validation: 'value.startsWith("OPS-")' },
  ],
};

test('a launch that asks for consent, an account and a code opens a shell with them', async ({ admin, as, stack }) => {
  const { endpoint } = await admin.asks([CONSENT, LOGIN, { type: 'totp', name: 'code' }], {}, 'With care');
  const portal = await as(await admin.person('asked'));
  await portal.open('/account/security');
  const { secret } = await new Account(portal.page).addAuthenticator();
  await portal.open();

  const flow = await portal.ask(endpoint);
  await flow.asks('consent');
  await expect(portal.page.getByRole('heading', { name: 'With care' })).toBeVisible();
  await expect(portal.page.getByTestId('consent-text')).toHaveText(CONSENT.text);
  await flow.goOn();

  await flow.asks('prompt');
  await flow.field('connection_settings.username').fill(stack.ssh.username);
  await flow.field('ticket').fill('nothing');
  await flow.goOn();
  await expect(portal.page.getByTestId('problem-connection_settings.password')).toBeVisible();
  await flow.field('connection_settings.password').fill(stack.ssh.password);
  await flow.goOn();
  await expect(portal.page.getByTestId('problem-ticket')).toBeVisible();
  await flow.field('ticket').fill('OPS-17');
  await flow.goOn();

  await flow.asks('totp');
  await portal.page.getByTestId('code').fill('000000');
  await expect(portal.page.getByTestId('flow-problem')).toContainText('not right');
  await portal.page.getByTestId('code').fill(code(secret, 1));
  const viewer = new Viewer(portal.page);
  await viewer.isActive();
  await viewer.shows(PROMPT);
  await viewer.enter('id -un');
  await viewer.shows(stack.ssh.username);
});

test('a page that is loaded anew asks where it stopped, without what was a secret', async ({ admin, as, stack }) => {
  const { endpoint } = await admin.asks([CONSENT, LOGIN], {});
  const portal = await as(await admin.person('reload'));
  const flow = await portal.ask(endpoint);
  await flow.goOn();
  await flow.asks('prompt');
  await flow.field('connection_settings.password').fill('half typed');
  await portal.page.reload();
  await flow.asks('prompt');
  await expect(flow.field('connection_settings.password')).toHaveValue('');
  await flow.field('connection_settings.username').fill(stack.ssh.username);
  await flow.field('connection_settings.password').fill(stack.ssh.password);
  await flow.field('ticket').fill('OPS-18');
  await flow.goOn();
  await new Viewer(portal.page).isActive();
});

test('a launch in a new tab asks there', async ({ admin, as }) => {
  const { endpoint } = await admin.asks([CONSENT]);
  const portal = await as(await admin.person('tab'));
  const opened = portal.page.context().waitForEvent('page');
  await portal.endpoint(endpoint).getByTestId('launch-tab').click();
  const page = await opened;
  await page.getByTestId('flow-submit').click();
  await new Viewer(page).isActive();
});

test('the password is asked once more', async ({ admin, as }) => {
  const person = await admin.person('password');
  const { endpoint } = await admin.asks([{ type: 'password', name: 'again' }]);
  const portal = await as(person);
  const flow = await portal.ask(endpoint);
  await portal.page.getByTestId('stage-password').fill('not the password');
  await flow.goOn();
  await expect(portal.page.getByTestId('flow-problem')).toContainText('not right');
  await portal.page.getByTestId('stage-password').fill(person.password);
  await flow.goOn();
  await new Viewer(portal.page).isActive();
});

test('a passkey is asked for', async ({ admin, named }) => {
  const person = await admin.person('key');
  const { endpoint } = await admin.asks([{ type: 'webauthn', name: 'key' }]);
  await giveDevice(named.page);
  await named.open('/account/security');
  await named.signIn(person.password, person.username);
  await new Account(named.page).addPasskey('A key');
  await named.open();
  const flow = await named.ask(endpoint);
  await flow.asks('webauthn');
  await flow.goOn();
  await new Viewer(named.page).isActive();
});

test('a flow that denies says why', async ({ admin, as }) => {
  const { endpoint } = await admin.asks([CONSENT, { type: 'deny', name: 'no', message: 'Not on a Sunday.' }]);
  const portal = await as(await admin.person('denied'));
  const flow = await portal.ask(endpoint);
  await flow.goOn();
  await expect(portal.page.getByTestId('flow-over')).toHaveAttribute('data-kind', 'denied');
  await expect(portal.page.getByTestId('flow-over')).toContainText('Not on a Sunday.');
});

test('who has no second factor is told where to set it up', async ({ admin, as }) => {
  const { endpoint } = await admin.asks([CONSENT, { type: 'totp', name: 'code' }]);
  const portal = await as(await admin.person('plain'));
  const flow = await portal.ask(endpoint);
  await flow.goOn();
  await portal.page.getByTestId('enrol').click();
  await expect(portal.page.getByTestId('add-totp')).toBeVisible();
});

test('a launch that is given up is over', async ({ admin, as }) => {
  const { endpoint } = await admin.asks([CONSENT]);
  const portal = await as(await admin.person('given-up'));
  const flow = await portal.ask(endpoint);
  const path = new URL(portal.page.url()).pathname;
  await flow.cancel();
  await expect(portal.endpoint(endpoint)).toBeVisible();
  await portal.open(path);
  await expect(portal.page.getByTestId('flow-over')).toHaveAttribute('data-kind', 'gone');
});

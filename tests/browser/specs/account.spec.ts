import { expect, test } from '../fixtures.ts';
import { Account, Portal } from '../pages.ts';
import { code } from '../totp.ts';

/** An authenticator app is set up with the code before the present one: a code works once. */
const before = (secret: string) => code(secret, -1);

test('an authenticator app is set up, and asked for from then on', async ({ admin, as }) => {
  const person = await admin.person('totp');
  const portal = await as(person);
  await portal.open('/account/security');
  const { secret, recovery } = await new Account(portal.page).addAuthenticator(before);
  expect(recovery).toHaveLength(10);
  await expect(portal.page.getByTestId('authenticators').getByTestId('factor')).toHaveCount(1);

  await portal.signOut();
  await portal.open('/sessions');
  await portal.signIn(person.password, person.username);
  await expect(portal.page.getByTestId('second-factor')).toHaveAttribute('data-way', 'totp');
  await portal.page.getByTestId('code').fill('000000');
  await expect(portal.page.getByTestId('sign-in-problem')).toContainText('not right');
  await portal.page.getByTestId('code').fill(await code(secret));
  await expect(portal.page).toHaveURL(/\/sessions$/);
  await expect(portal.page.getByRole('heading', { name: 'My sessions' })).toBeVisible();
});

test('a recovery code lets in once', async ({ admin, as }) => {
  const person = await admin.person('recovery');
  const portal = await as(person);
  await portal.open('/account/security');
  const { recovery } = await new Account(portal.page).addAuthenticator(before);
  for (const [attempt, lets] of [[recovery[0], true], [recovery[0], false], [recovery[1], true]] as const) {
    await portal.page.context().clearCookies();
    await portal.open('/account/security');
    await portal.signIn(person.password, person.username);
    await portal.page.getByTestId('way-recovery_code').click();
    await portal.page.getByTestId('code').fill(attempt!);
    await portal.page.getByTestId('second-submit').click();
    if (lets) await expect(portal.page.getByTestId('codes-left')).toBeVisible();
    else await expect(portal.page.getByTestId('sign-in-problem')).toContainText('not right');
  }
  await expect(portal.page.getByTestId('codes-left')).toContainText('8 are left');
});

test('a changed password is the one that counts', async ({ admin, as }) => {
  const person = await admin.person('password');
  const portal = await as(person);
  await portal.open('/account');
  const next = 'four words in a row';
  await portal.page.getByTestId('current-password').fill('not the password');
  await portal.page.getByTestId('new-password').fill(next);
  await portal.page.getByTestId('new-password-again').fill(next);
  await portal.page.getByTestId('password-submit').click();
  await expect(portal.page.getByTestId('password-problem')).toContainText('not your present password');
  await portal.page.getByTestId('current-password').fill(person.password);
  await portal.page.getByTestId('password-submit').click();
  await expect(portal.page.getByTestId('password-changed')).toBeVisible();

  await portal.signOut();
  await portal.signIn(person.password, person.username);
  await expect(portal.page.getByTestId('sign-in-problem')).toContainText('wrong');
  await portal.signIn(next, person.username);
  await expect(portal.page.getByTestId('user-menu')).toBeVisible();
});

test('a sign-in is ended from another browser', async ({ admin, as }) => {
  const person = await admin.person('devices');
  const here = await as(person);
  const there = await as(person);
  await here.open('/account/devices');
  const rows = here.page.getByTestId('sign-in-session');
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: 'This one' })).toHaveCount(1);
  const other = rows.filter({ hasNotText: 'This one' });
  await other.getByTestId('remove').click();
  await other.getByTestId('remove-confirm').click();
  await expect(rows).toHaveCount(1);
  await there.page.reload();
  await expect(there.page.getByTestId('sign-in')).toBeVisible();
});

test('a token is shown once, works within its scope, and stops when it is revoked', async ({ admin, as, playwright, stack }) => {
  const portal = await as(await admin.person('token'));
  await portal.open('/account/tokens');
  await portal.page.getByTestId('new-token').click();
  await portal.page.getByTestId('token-name').fill('script');
  await portal.page.getByTestId('scope-read').check();
  await portal.page.getByTestId('token-submit').click();
  const token = (await portal.page.getByTestId('token-secret').textContent()) ?? '';
  await portal.page.getByTestId('token-done').click();
  await expect(portal.page.getByText(token)).toHaveCount(0);

  const program = await playwright.request.newContext({ extraHTTPHeaders: { authorization: `Bearer ${token}` } });
  expect((await program.get(`${stack.url}/api/v1/me`)).status()).toBe(200);
  await portal.page.getByTestId('token').getByTestId('remove').click();
  await portal.page.getByTestId('token').getByTestId('remove-confirm').click();
  await expect(portal.page.getByTestId('no-tokens')).toBeVisible();
  expect((await program.get(`${stack.url}/api/v1/me`)).status()).toBe(401);
  await program.dispose();
});

test('a passkey signs in without a password', async ({ admin, browser, stack }) => {
  const person = await admin.person('passkey');
  // Passkeys belong to a name: the same stack under the name of this machine.
  const named = { ...stack, url: stack.url.replace('127.0.0.1', 'localhost') };
  const context = await browser.newContext();
  const portal = new Portal(await context.newPage(), named);
  const device = await context.newCDPSession(portal.page);
  await device.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const touch = (enabled: boolean) =>
    device.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });

  await portal.open('/account/security');
  await portal.signIn(person.password, person.username);
  await portal.page.getByTestId('add-passkey').click();
  await portal.page.getByTestId('passkey-name').fill('This laptop');
  await portal.page.getByTestId('passkey-submit').click();
  await portal.page.getByTestId('codes-done').click();
  await expect(portal.page.getByTestId('passkeys')).toContainText('This laptop');

  await touch(false);
  await portal.signOut();
  await portal.page.getByTestId('passkey').click();
  await touch(true);
  await expect(portal.page.getByTestId('user-menu')).toContainText(person.username);
  await context.close();
});

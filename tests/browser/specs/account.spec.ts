import { giveDevice, withoutSuggestions } from '../device.ts';
import { expect, test } from '../fixtures.ts';
import { Account } from '../pages.ts';
import { code } from '../totp.ts';

test('an authenticator app is set up, and asked for from then on', async ({ admin, as }) => {
  const person = await admin.person('totp');
  const portal = await as(person);
  await portal.open('/account/security');
  const { secret, recovery } = await new Account(portal.page).addAuthenticator();
  expect(recovery).toHaveLength(10);
  await expect(portal.page.getByTestId('authenticators').getByTestId('factor')).toHaveCount(1);

  await portal.signOut();
  await portal.open('/sessions');
  await portal.signIn(person.password, person.username);
  await expect(portal.page.getByTestId('second-factor')).toHaveAttribute('data-way', 'totp');
  await portal.page.getByTestId('code').fill('000000');
  await expect(portal.page.getByTestId('sign-in-problem')).toContainText('not right');
  await portal.page.getByTestId('code').fill(code(secret, 1));
  await expect(portal.page).toHaveURL(/\/sessions$/);
  await expect(portal.page.getByRole('heading', { name: 'My sessions' })).toBeVisible();
});

test('a recovery code lets in once', async ({ admin, as }) => {
  const person = await admin.person('recovery');
  const portal = await as(person);
  await portal.open('/account/security');
  const { recovery } = await new Account(portal.page).addAuthenticator();
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

test('a passkey signs in without a password', async ({ admin, named }) => {
  const person = await admin.person('passkey');
  await giveDevice(named.page);
  await withoutSuggestions(named.page);
  await named.open('/account/security');
  await named.signIn(person.password, person.username);
  await new Account(named.page).addPasskey('This laptop');
  await named.page.getByTestId('rename').click();
  await named.page.getByTestId('rename-name').fill('The old laptop');
  await named.page.getByTestId('rename-submit').click();
  await expect(named.page.getByTestId('passkeys')).toContainText('The old laptop');

  await named.signOut();
  await named.page.getByTestId('passkey').click();
  await expect(named.page.getByTestId('user-menu')).toContainText(person.username);
});

test('a passkey that the browser suggests signs in as well', async ({ admin, named }) => {
  const person = await admin.person('suggested');
  await giveDevice(named.page);
  await named.open('/account/security');
  await named.signIn(person.password, person.username);
  await new Account(named.page).addPasskey('This laptop');

  const suggested = named.page.waitForResponse(/\/session\/passkey$/);
  await named.page.getByTestId('user-menu').click();
  await named.page.getByTestId('sign-out').click();
  expect((await suggested).status()).toBe(200);
  await expect(named.page.getByTestId('user-menu')).toContainText(person.username);
});

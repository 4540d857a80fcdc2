import { randomBytes } from 'node:crypto';
import { expect, test } from '../fixtures.ts';
import { IdentityProvider } from '../oidc/provider.ts';

/** From being told to the closed session. */
const ENDS_WITHIN_MS = 1_000;

test('a provider lets people in, and puts them out at once', async ({ admin, visitor, stack }) => {
  const slug = `id-${randomBytes(4).toString('hex')}`;
  const person = `grace-${randomBytes(4).toString('hex')}`;
  await admin.create('groups', { name: slug });
  const provider = await IdentityProvider.start(stack.url, slug, [slug, 'unknown here']);
  try {
    await admin.create('sources', provider.source(slug));
    await visitor.open('/sessions');
    await visitor.page.getByTestId('source').filter({ hasText: slug }).click();
    await provider.signIn(visitor.page, person);
    await expect(visitor.page).toHaveURL(`${stack.url}/sessions`);
    const me = await (await visitor.page.request.get(`${stack.url}/api/v1/me`)).json();
    expect(me).toMatchObject({ username: person, methods: ['source'], source: { slug }, has_password: false });
    expect(me.groups).toHaveLength(1);

    await visitor.open();
    const viewer = await visitor.shell();
    const told = Date.now();
    await provider.logOut(person);
    const shown = viewer.page.getByTestId('viewer');
    await expect(shown).not.toHaveAttribute('data-status', 'active', { timeout: ENDS_WITHIN_MS });
    test.info().annotations.push({ type: 'ended after', description: `${Date.now() - told} ms` });
    const gone = await visitor.page.request.get(`${stack.url}/api/v1/me`);
    expect(gone.status()).toBe(401);
  } finally {
    await provider.stop();
  }
});

test('signing out here signs out at the provider', async ({ admin, visitor, stack }) => {
  const slug = `id-${randomBytes(4).toString('hex')}`;
  const provider = await IdentityProvider.start(stack.url, slug, []);
  try {
    await admin.create('sources', provider.source(slug));
    await visitor.open();
    const button = visitor.page.getByTestId('source').filter({ hasText: slug });
    await button.click();
    await provider.signIn(visitor.page, `mary-${slug}`);
    await expect(visitor.page.getByTestId('user-menu')).toBeVisible();
    await visitor.page.getByTestId('user-menu').click();
    await visitor.page.getByTestId('sign-out').click();
    await expect(visitor.page).toHaveURL(new RegExp(`^${provider.issuer}/`));
    await provider.agreeToSignOut(visitor.page);
    await expect(visitor.page.getByTestId('sign-in')).toBeVisible();
    // The provider forgot them too: it asks who they are.
    await button.click();
    await expect(visitor.page.locator('input[name=login]')).toBeVisible();
  } finally {
    await provider.stop();
  }
});

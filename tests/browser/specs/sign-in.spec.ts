import { expect, test } from '../fixtures.ts';
import { Viewer } from '../pages.ts';

test('a wrong password is said so, and the right one lets in', async ({ visitor }) => {
  await visitor.open();
  await visitor.signIn('not the password');
  await expect(visitor.page.getByTestId('sign-in-problem')).toContainText('wrong');
  await visitor.signIn();
  await expect(visitor.application('lab')).toBeVisible();
});

test('the way back leads to where one was going', async ({ visitor }) => {
  await visitor.open('/sessions');
  await visitor.signIn();
  await expect(visitor.page).toHaveURL(/\/sessions$/);
});

test('the demo opens at once', async ({ portal }) => {
  const demo = portal.page.getByTestId('application').filter({ hasNot: portal.page.locator('[data-slug=lab]') });
  await demo.first().getByTestId('launch').first().click();
  const viewer = new Viewer(portal.page);
  await viewer.isActive();
  await viewer.enter('echo $((40 + 2))-demo');
  await viewer.shows('42-demo');
});

test('search finds an endpoint, and Enter opens it', async ({ portal }) => {
  await portal.page.getByTestId('search').fill('green');
  await expect(portal.endpoint('green')).toBeVisible();
  await expect(portal.endpoint('shell')).toBeHidden();
});

test('after signing out the sessions are over and the page asks to sign in', async ({ portal }) => {
  await portal.shell();
  await portal.page.goBack();
  await portal.page.getByTestId('user-menu').click();
  await portal.page.getByTestId('sign-out').click();
  await expect(portal.page.getByTestId('sign-in')).toBeVisible();
});

test('an address that says where to go on is followed, but not to another site', async ({ visitor }) => {
  await visitor.open('/?to=/sessions');
  await visitor.signIn();
  await expect(visitor.page).toHaveURL(/\/sessions$/);
  await visitor.signOut();
  await visitor.open('/?to=//elsewhere.example/');
  await visitor.signIn();
  await expect(visitor.application('lab')).toBeVisible();
});

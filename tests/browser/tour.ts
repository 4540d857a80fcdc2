/** Every page, one stop each: where it is, when it is there, what is opened on it. */

import type { Page } from '@playwright/test';
import type { World } from './world.ts';

export type Stop = {
  readonly name: string;
  readonly path: string;
  /** What is seen when the page is there. */
  readonly ready: string;
  /** Opens what is to be looked at. */
  readonly act?: (page: Page) => Promise<void>;
};

const ROW = '[data-testid=row]';
const NAME = '[data-input=name]';

const press = (testid: string) => async (page: Page) => page.getByTestId(testid).click();

/** The administration as an administrator sees it. */
export function administration({ ids }: World): Stop[] {
  const one = (key: string): string => {
    const [kind] = key.split('/');
    return `/admin/${kind}/${ids[key]}`;
  };
  const database = one('endpoints/db-primary');
  return [
    { name: 'overview', path: '/admin', ready: '[data-testid=node-loads]' },
    { name: 'connections', path: '/admin/connections', ready: ROW },
    { name: 'events', path: '/admin/events?outcome=success', ready: ROW },
    { name: 'applications', path: '/admin/applications', ready: ROW },
    { name: 'application', path: one('applications/databases'), ready: NAME },
    { name: 'application-endpoints', path: `${one('applications/erp')}/endpoints`, ready: ROW },
    { name: 'application-who', path: `${one('applications/databases')}/policies`, ready: '[data-testid=binding]' },
    { name: 'providers', path: '/admin/providers', ready: ROW },
    { name: 'provider', path: one('providers/databases'), ready: NAME },
    { name: 'provider-settings', path: `${one('providers/erp')}/settings`, ready: '[data-setting]' },
    { name: 'endpoints', path: '/admin/endpoints', ready: ROW },
    { name: 'endpoint-new', path: '/admin/endpoints/new', ready: NAME, act: press('save') },
    { name: 'endpoint', path: database, ready: NAME },
    { name: 'endpoint-settings', path: `${database}/settings`, ready: '[data-setting]' },
    {
      name: 'endpoint-add-setting',
      path: `${one('endpoints/accounting-pc')}/settings`,
      ready: '[data-setting]',
      act: async (page) => page.getByTestId('add-setting').fill('sm'),
    },
    { name: 'endpoint-as-text', path: `${database}/settings`, ready: '[data-setting]', act: press('settings-as-text') },
    { name: 'endpoint-who', path: `${database}/policies`, ready: '[data-testid=binding]' },
    {
      name: 'endpoint-binding',
      path: `${database}/policies`,
      ready: '[data-testid=binding]',
      act: async (page) => {
        await page.getByTestId('add-binding').click();
        await page.getByTestId('binding-dialog').locator('[data-picker]').click();
        await page.getByTestId('binding-dialog').getByRole('option').first().waitFor();
      },
    },
    {
      name: 'endpoint-explain',
      path: `${database}/explain?user=${ids['users/bela']}`,
      ready: '[data-testid=effective]',
    },
    {
      name: 'endpoint-delete',
      path: one('providers/databases'),
      ready: NAME,
      act: async (page) => {
        await page.getByTestId('delete').click();
        await page.getByTestId('delete-dialog').locator('li').first().waitFor();
      },
    },
    { name: 'endpoint-yaml', path: database, ready: NAME, act: press('show-yaml') },
    { name: 'mappings', path: '/admin/property-mappings', ready: ROW },
    { name: 'mapping', path: one('property-mappings/own-account'), ready: '[data-input=expression]' },
    { name: 'policies', path: '/admin/policies', ready: ROW },
    {
      name: 'policy-trial',
      path: one('policies/from-the-office'),
      ready: '[data-input=expression]',
      act: async (page) => {
        await page.locator('[data-field=trial-user] [data-picker]').click();
        await page.keyboard.type('bel');
        await page.getByRole('option', { name: 'bela' }).click();
        await page.getByTestId('try-policy').click();
        await page.getByTestId('policy-verdict').waitFor();
      },
    },
    {
      name: 'policy-wrong',
      path: one('policies/working-hours'),
      ready: '[data-input=expression]',
      act: async (page) => {
        await page.locator('[data-input=expression]').fill('in_group("staff") &&\n  usr.name != "bot"');
        await page.getByTestId('expression-error').waitFor();
        await page.getByTestId('expression-words').click();
      },
    },
    { name: 'flows', path: '/admin/flows', ready: ROW },
    {
      name: 'flow',
      path: one('flows/database-access'),
      ready: '[data-testid=stage]',
      act: async (page) => page.getByTestId('stage-title').nth(1).click(),
    },
    { name: 'users', path: '/admin/users', ready: ROW },
    { name: 'user', path: one('users/bela'), ready: '[data-input=username]' },
    { name: 'user-sign-in', path: `${one('users/bela')}/sign-in`, ready: '[data-testid=set-password]' },
    { name: 'groups', path: '/admin/groups', ready: ROW },
    { name: 'group', path: one('groups/staff'), ready: NAME },
    { name: 'sources', path: '/admin/sources', ready: ROW },
    { name: 'source', path: one('sources/meridian'), ready: NAME },
    { name: 'source-people', path: `${one('sources/meridian')}/people`, ready: '[data-input=username_claim]' },
    { name: 'sign-ins', path: '/admin/sessions', ready: ROW },
    { name: 'tokens', path: '/admin/tokens', ready: ROW },
    { name: 'token-new', path: '/admin/tokens', ready: ROW, act: press('new-token') },
    { name: 'outposts', path: '/admin/outposts', ready: ROW },
    {
      name: 'outpost',
      path: one('outposts/plant-graz'),
      ready: '[data-testid=join]',
      act: async (page) => {
        await page.getByTestId('join').click();
        await page.getByTestId('join-command').waitFor();
      },
    },
    { name: 'nodes', path: '/admin/nodes', ready: ROW },
    {
      name: 'node',
      path: '/admin/nodes',
      ready: ROW,
      act: async (page) => {
        await page.locator(`${ROW} a`).first().click();
        await page.getByTestId('drain').waitFor();
      },
    },
    { name: 'unknown', path: '/admin/nothing', ready: '[data-testid=empty]' },
  ];
}

/** What everybody uses, as somebody sees it who has nothing open yet. */
export function everyday(): Stop[] {
  const opens = (name: string) => async (page: Page) => page.locator(`[data-endpoint=${name}]`).getByTestId('launch').click();
  const asks = (page: Page, stage: string) => page.locator(`[data-stage=${stage}]`).waitFor();
  const shown = (page: Page, status: string) => page.locator(`[data-testid=viewer][data-status=${status}]`).waitFor();
  const applications = { path: '/', ready: '[data-testid=application]' };
  const question = async (page: Page): Promise<void> => {
    await opens('db-primary')(page);
    await asks(page, 'consent');
  };
  const shell = async (page: Page): Promise<void> => {
    await opens('erp-shell')(page);
    await shown(page, 'active');
  };
  return [
    { name: 'portal', ...applications },
    { name: 'portal-nothing', ...applications, act: async (page) => page.getByTestId('search').fill('nothing like it') },
    { name: 'portal-menu', ...applications, act: press('user-menu') },
    { name: 'account', path: '/account', ready: '[data-testid=account-profile]' },
    { name: 'account-security', path: '/account/security', ready: '[data-testid=add-totp]' },
    {
      name: 'account-totp',
      path: '/account/security',
      ready: '[data-testid=add-totp]',
      act: async (page) => {
        await page.getByTestId('add-totp').click();
        await page.getByTestId('qr').waitFor();
      },
    },
    { name: 'account-devices', path: '/account/devices', ready: '[data-testid=sign-in-session]' },
    { name: 'account-tokens', path: '/account/tokens', ready: '[data-testid=new-token]', act: press('new-token') },
    { name: 'approvals-none', path: '/approvals', ready: '[data-testid=empty]' },
    { name: 'flow-consent', ...applications, act: question },
    {
      name: 'flow-prompt',
      ...applications,
      act: async (page) => {
        await question(page);
        await page.getByTestId('flow-submit').click();
        await asks(page, 'prompt');
      },
    },
    {
      name: 'viewer-questions',
      ...applications,
      act: async (page) => {
        await opens('prompts')(page);
        await shown(page, 'credentials');
      },
    },
    {
      name: 'viewer-failed',
      ...applications,
      act: async (page) => {
        await opens('wrong-password')(page);
        await shown(page, 'failed');
      },
    },
    { name: 'viewer-terminal', ...applications, act: shell },
    {
      name: 'viewer-help',
      ...applications,
      act: async (page) => {
        await shell(page);
        await page.getByTestId('tool-help').click();
      },
    },
    {
      name: 'viewer-options',
      ...applications,
      act: async (page) => {
        await shell(page);
        await page.getByTestId('tool-options').click();
      },
    },
    {
      name: 'viewer-ended',
      ...applications,
      act: async (page) => {
        await shell(page);
        await page.getByTestId('tool-end').click();
        await page.getByTestId('end-confirm').click();
        await shown(page, 'ended');
      },
    },
    {
      name: 'viewer-desktop',
      ...applications,
      act: async (page) => {
        await opens('vnc')(page);
        await shown(page, 'active');
        await page.keyboard.press('Control+Alt+Shift');
        await page.getByTestId('tool-view').click();
      },
    },
    { name: 'sessions', path: '/sessions', ready: '[data-testid=session]' },
    { name: 'nowhere', path: '/nowhere', ready: '[data-testid=empty]' },
  ];
}

/** The way in, for somebody who is not signed in. */
export const WAY_IN: readonly Stop[] = [
  { name: 'sign-in', path: '/', ready: '[data-testid=sign-in]' },
  {
    name: 'sign-in-wrong',
    path: '/',
    ready: '[data-testid=sign-in]',
    act: async (page) => {
      await page.getByTestId('username').fill('bela');
      await page.getByTestId('password').fill('not the password');
      await page.getByTestId('sign-in-submit').click();
      await page.getByTestId('sign-in-problem').waitFor();
    },
  },
];

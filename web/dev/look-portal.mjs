/** Scenes of the portal for `look.mjs`: signing in, the account, flows, approvals. */

const CODE = '123456';

export const portalScenes = ({ base, signIn }) => {
  const typeCode = (page, code = CODE) => page.getByTestId('code').pressSequentially(code);

  const account = async (page, section = '') => {
    await signIn(page);
    await page.goto(`${base}/account${section}`);
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    await page.waitForTimeout(300);
  };

  const confirm = async (page) => {
    const field = page.getByTestId('confirm-password');
    if (await field.isVisible().catch(() => false)) {
      await field.fill('causeway');
      await page.getByTestId('confirm-submit').click();
    }
  };

  const half = async (page) => {
    await page.goto(base);
    await page.getByTestId('username').fill('ada');
    await page.getByTestId('password').fill('causeway');
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('second-factor').waitFor();
  };

  const launch = async (page, endpoint) => {
    await signIn(page);
    await page.locator(`[data-endpoint="${endpoint}"]`).getByTestId('launch').click();
    await page.getByTestId('flow').waitFor();
    await page.waitForTimeout(200);
  };

  return {
    'sign-in-second': async (page) => {
      await half(page);
      const app = page.getByTestId('way-totp');
      if (await app.isVisible()) await app.click();
      await page.getByTestId('code').pressSequentially('111');
    },
    'sign-in-passkey': half,
    'sign-in-blocked': async (page) => {
      await page.goto(base);
      for (let tries = 0; tries < 4; tries += 1) {
        await page.getByTestId('username').fill('admin');
        await page.getByTestId('password').fill('nope');
        await page.getByTestId('sign-in-submit').click();
        await page.getByTestId('sign-in-problem').waitFor();
        await page.waitForTimeout(150);
        if (await page.getByTestId('blocked').isVisible()) break;
      }
    },
    'sign-in-denied': async (page) => {
      await page.goto(`${base}/?sign_in_error=denied`);
      await page.getByTestId('sign-in-problem').waitFor();
    },
    account: (page) => account(page),
    'account-sign-in': (page) => account(page, '/security'),
    'account-confirm': async (page) => {
      await account(page, '/security');
      await page.getByTestId('add-totp').click();
      await page.waitForTimeout(400);
    },
    'account-totp': async (page) => {
      await account(page, '/security');
      await page.getByTestId('add-totp').click();
      await page.waitForTimeout(300);
      await confirm(page);
      await page.getByTestId('qr').waitFor();
    },
    'account-codes': async (page) => {
      await account(page, '/security');
      await page.getByTestId('add-totp').click();
      await page.waitForTimeout(300);
      await confirm(page);
      await typeCode(page);
      await page.waitForTimeout(400);
    },
    'account-sessions': async (page) => {
      await account(page, '/devices');
      await page.getByTestId('remove').nth(1).click();
    },
    'account-tokens': (page) => account(page, '/tokens'),
    'account-new-token': async (page) => {
      await account(page, '/tokens');
      await page.getByTestId('new-token').click();
    },
    'flow-consent': (page) => launch(page, 'db-replica'),
    'flow-prompt': async (page) => {
      await launch(page, 'db-replica');
      await page.getByTestId('flow-submit').click();
      await page.getByTestId('field-ticket').fill('wrong');
      await page.getByTestId('field-connection_settings.password').fill('x');
      await page.getByTestId('field-told').check();
      await page.getByTestId('flow-submit').click();
      await page.waitForTimeout(300);
    },
    'flow-code': (page) => launch(page, 'build-03'),
    'flow-approval': async (page) => {
      await launch(page, 'build-02');
      await page.getByTestId('reason').fill('The nightly build hangs.');
    },
    'flow-waiting': async (page) => {
      await launch(page, 'build-02');
      await page.getByTestId('reason').fill('The nightly build hangs.');
      await page.getByTestId('flow-submit').click();
      await page.getByTestId('waiting').waitFor();
    },
    'flow-gone': async (page) => {
      await signIn(page);
      await page.goto(`${base}/flow/nothing`);
      await page.waitForTimeout(500);
    },
    refused: async (page) => {
      await signIn(page);
      await page.locator('[data-endpoint="lobby-screen"]').getByTestId('launch').click();
      await page.waitForTimeout(400);
    },
    full: async (page) => {
      await signIn(page);
      await page.locator('[data-endpoint="brief"]').getByTestId('launch').click();
      await page.waitForTimeout(700);
      await page.goto(base);
      await page.getByTestId('search').waitFor();
      await page.locator('[data-endpoint="brief"]').getByTestId('launch').click();
      await page.waitForTimeout(500);
    },
    many: async (page) => {
      await signIn(page);
      await page.getByTestId('search').fill('fleet');
      await page.waitForTimeout(300);
    },
    approvals: async (page) => {
      await signIn(page);
      await page.getByTestId('nav-approvals').click();
      await page.getByTestId('approval').first().waitFor();
    },
    'approvals-decide': async (page) => {
      await signIn(page);
      await page.goto(`${base}/approvals`);
      await page.getByTestId('deny').first().click();
      await page.waitForTimeout(200);
    },
  };
};

import { mkdirSync } from 'node:fs';
import { expect, test } from '../fixtures.ts';

/** For people to look at; nothing compares them. Git ignores them. */
const FOLDER = 'test-results/looks';

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 420, height: 800 } };

test.beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

for (const scheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test.describe(`${scheme}, ${size}`, () => {
      test.use({ colorScheme: scheme, viewport });
      const shot = (name: string): { path: string } => ({ path: `${FOLDER}/${name}-${scheme}-${size}.png` });

      test('sign-in', async ({ visitor }) => {
        await visitor.open();
        await expect(visitor.page.getByTestId('sign-in')).toBeVisible();
        await visitor.page.screenshot(shot('sign-in'));
      });

      test('portal and sessions', async ({ portal }) => {
        await expect(portal.application('lab')).toBeVisible();
        await portal.page.screenshot(shot('portal'));
        await portal.open('/sessions');
        await expect(portal.page.getByTestId('user-menu')).toBeVisible();
        await portal.page.screenshot(shot('sessions'));
      });

      test('terminal', async ({ portal }) => {
        const viewer = await portal.shell();
        await viewer.enter('for i in 1 2 3 4 5 6; do printf "\\033[3${i}mcolour $i \\033[1mbold\\033[0m 日本語 🙂\\n"; done');
        await viewer.shows('colour 6');
        await portal.page.screenshot(shot('terminal'));
      });

      test('failure and questions', async ({ portal }) => {
        const failed = await portal.launch('wrong-password');
        await failed.hasStatus('failed');
        await portal.page.screenshot(shot('failure'));
        await portal.open();
        const asked = await portal.launch('prompts');
        await asked.hasStatus('credentials');
        await portal.page.screenshot(shot('questions'));
      });
    });
  }
}

import { expect, test } from '../fixtures.ts';

test('a wrong expression is told while it is written: line, column and a hint', async ({ pages, world }) => {
  await pages.open(`/policies/${world.ids['policies/working-hours']}`);
  await pages.fill('expression', 'in_group("staff") &&\n  usr.name != "bot"');
  const error = pages.page.getByTestId('expression-error');
  await expect(error).toContainText('Line 2, column 3');
  await expect(error).toContainText('Did you mean user?');
  await pages.save();
  await expect(pages.page.getByTestId('problem')).toContainText('not saved');
  await error.click();
  const selected = await pages.input('expression').evaluate((area) => (area as HTMLTextAreaElement).selectionStart);
  expect(selected).toBe('in_group("staff") &&\n  '.length);
  await pages.fill('expression', 'in_group("staff")');
  await expect(pages.page.getByText('It can be read.')).toBeVisible();
});

test('a policy is tried before it is saved, and says why', async ({ pages, world }) => {
  await pages.open(`/policies/${world.ids['policies/from-the-office']}`);
  await pages.fill('expression', 'in_network(address, "10.20.0.0/16") && in_group("database-team")');
  await pages.choose('trial-user', 'bela');
  const verdict = pages.page.getByTestId('policy-verdict');
  const tried = async (address: string): Promise<void> => {
    await pages.fill('trial-address', address);
    await pages.page.getByTestId('try-policy').click();
  };
  await tried('10.20.1.7');
  await expect(verdict).toContainText('Passes');
  await expect(verdict).toContainText('It gave true');
  await tried('192.0.2.1');
  await expect(verdict).toContainText('Does not pass');
  await tried('');
  await expect(verdict).toContainText('could not be evaluated');
  await pages.page.getByTestId('discard').click();
  await expect(pages.input('expression')).toHaveValue(/127\.0\.0\.0/);
});

import { expect, test } from '../fixtures.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

const COPY = "printf '\\033]52;c;%s\\a' $(printf 'copied text' | base64)";

test('what the target copies is on the clipboard', async ({ portal }) => {
  const viewer = await portal.shell();
  await portal.page.evaluate(() => navigator.clipboard.writeText('before'));
  await viewer.enter(COPY);
  await expect.poll(() => portal.page.evaluate(() => navigator.clipboard.readText())).toBe('copied text');
});

test('disable-copy keeps it away and says so', async ({ portal }) => {
  const viewer = await portal.shell('no-copy');
  await portal.page.evaluate(() => navigator.clipboard.writeText('before'));
  await viewer.enter(`${COPY}; echo $((40 + 2))-done`);
  await viewer.shows('42-done');
  await expect(portal.page.getByTestId('notices')).not.toBeEmpty();
  expect(await portal.page.evaluate(() => navigator.clipboard.readText())).toBe('before');
});

test('a paste of several lines waits for the Enter key', async ({ portal }) => {
  const viewer = await portal.shell();
  await portal.page.evaluate(() => navigator.clipboard.writeText('echo one-$((40 + 2))\necho two-$((40 + 2))'));
  await viewer.press('Control+Shift+V');
  await viewer.shows('echo two-$((40 + 2))');
  // Bracketed paste: the shell holds both lines.
  expect(await viewer.text()).not.toContain('one-42');
  await viewer.press('Enter');
  await viewer.shows('one-42');
  await viewer.shows('two-42');
});

test('disable-paste refuses a paste and takes what is typed', async ({ portal }) => {
  const viewer = await portal.shell('no-paste');
  await portal.page.evaluate(() => navigator.clipboard.writeText('echo pasted'));
  await viewer.press('Control+Shift+V');
  await viewer.enter('echo typed-$((40 + 2))');
  await viewer.shows('typed-42');
  expect(await viewer.text()).not.toContain('pasted');
  await expect(portal.page.getByTestId('notices')).not.toBeEmpty();
});

test('a selection is copied by keys', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('clear; echo select""ed');
  await viewer.shows('selected');
  const terminal = await portal.page.getByTestId('terminal').boundingBox();
  // The first row holds the word; two clicks select it.
  await portal.page.mouse.dblclick(terminal!.x + 20, terminal!.y + 12);
  await viewer.press('Control+Shift+C');
  await expect.poll(() => portal.page.evaluate(() => navigator.clipboard.readText())).toBe('selected');
});

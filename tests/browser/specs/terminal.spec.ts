import { expect, test } from '../fixtures.ts';
import { PROMPT } from '../pages.ts';

test('what is typed is answered', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('echo $((40 + 2))-works');
  await viewer.shows('42-works');
});

test('the terminal follows the window', async ({ portal }) => {
  const viewer = await portal.shell();
  const before = await viewer.size();
  await viewer.enter('stty size');
  await viewer.shows(`${before.rows} ${before.columns}`);
  await portal.page.setViewportSize({ width: 1500, height: 900 });
  await expect.poll(async () => (await viewer.size()).columns).toBeGreaterThan(before.columns);
  const { rows, columns } = await viewer.size();
  await viewer.enter(`until [ "$(stty size)" = "${rows} ${columns}" ]; do sleep 0.05; done; echo $((40 + 2))-fits`);
  await viewer.shows('42-fits');
});

test('unicode is what it was: accents, wide characters, emoji', async ({ portal }) => {
  const viewer = await portal.shell();
  const text = 'zażółć 日本語 한국어 🙂';
  await viewer.enter(`printf '<%s>\\n' '${text}'`);
  await viewer.shows(`<${text}>`);
});

test('vim edits a file', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('f=$(mktemp); vim -u NONE -N $f');
  await viewer.shows('~');
  await viewer.type('ihello from vim');
  await viewer.press('Escape');
  await viewer.shows('hello from vim');
  await viewer.enter(':wq');
  await viewer.shows(PROMPT);
  await viewer.enter('clear; tr a-z A-Z < $f; rm $f');
  await viewer.shows('HELLO FROM VIM');
});

test('tmux splits its window and gives the screen back', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('tmux -L causeway-test-$$ -f /dev/null new-session');
  await viewer.shows(/\[0\]/);
  await viewer.press('Control+b');
  await viewer.type('%');
  await viewer.shows('│');
  await viewer.enter('echo right-$((40 + 2))');
  await viewer.shows('right-42');
  await viewer.enter('tmux kill-server');
  await viewer.shows('exited');
});

test('a flood is drawn to its end, and Ctrl-C ends one that has none', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('seq 1 100000; echo $((40 + 2))-end');
  await viewer.shows('42-end');
  await viewer.enter('yes');
  await viewer.shows('y\ny\ny\n');
  await viewer.press('Control+c');
  await viewer.enter('echo $((40 + 2))-after');
  await viewer.shows('42-after');
});

test('exit ends the session and says with which status', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('exit 3');
  await viewer.hasStatus('ended');
  await expect(portal.page.getByTestId('ended-words')).toContainText('3');
});

test('text that scrolled away is found', async ({ portal }) => {
  const viewer = await portal.shell();
  await viewer.enter('echo need""le; seq 1 200');
  await viewer.shows('199\n200');
  expect(await viewer.text()).not.toContain('\nneedle');
  await viewer.press('Control+Shift+F');
  await portal.page.getByTestId('terminal-search').fill('needle');
  await viewer.press('Enter');
  await viewer.shows('\nneedle');
});

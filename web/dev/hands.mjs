/**
 * Plays a person's hands at a desktop in a real browser, against the mock
 * server, and compares what the node was told: keys, input methods, dead
 * keys, pastes, mouse and fingers. Ends with 1 when anything differs.
 *
 *   npm run build && npm run dev:mock &
 *   npm run hands
 */

import { chromium } from 'playwright-core';

const base = process.env.BASE ?? 'http://127.0.0.1:4180';
const SETTLE_MS = 300;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
let differences = 0;

function check(what, got, wanted) {
  const same = wanted instanceof RegExp ? wanted.test(got) : got === wanted;
  if (!same) differences += 1;
  console.log(same ? `ok    ${what}` : `WRONG ${what}\n      wanted ${wanted}\n      got    ${got}`);
}

/** A desktop of the mock server; `told()` is what came to its node since it was last asked. */
async function desktop(endpoint, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => check('no error on the page', String(error), ''));
  await page.goto(base);
  await page.getByTestId('username').fill('admin');
  await page.getByTestId('password').fill('causeway');
  await page.getByTestId('sign-in-submit').click();
  await page.locator(`[data-endpoint="${endpoint}"]`).getByTestId('launch').click();
  await page.waitForFunction(() => window.causeway?.status === 'active' && window.causeway.framesPresented > 2);
  const id = page.url().split('/').at(-1);
  let seen = 0;
  const told = async () => {
    await page.waitForTimeout(SETTLE_MS);
    const inputs = await (await page.request.get(`${base}/mock/inputs/${id}`)).json();
    const fresh = inputs.slice(seen);
    seen = inputs.length;
    return fresh.flatMap(inWords).join(' ');
  };
  await told();
  return { context, page, told, id };
}

function inWords({ kind, code, down, text, x, y, buttons, wheelX, wheelY }) {
  if (kind === 'key') return [`${down ? '+' : '-'}${code}`];
  if (kind === 'text') return [JSON.stringify(text)];
  if (kind === 'clipboard') return [`clip(${text})`];
  if (kind === 'pointer') return [[x, y, buttons, wheelX, wheelY].join(',')];
  return [];
}

async function keys() {
  const { context, page, told } = await desktop('drawing-board');
  await page.keyboard.press('Shift+A');
  check('a capital letter', await told(), '+ShiftLeft +KeyA -KeyA -ShiftLeft');
  for (const key of ['F5', 'Tab', 'Control+f']) await page.keyboard.press(key);
  check('keys of the browser', await told(), '+F5 -F5 +Tab -Tab +ControlLeft +KeyF -KeyF -ControlLeft');

  const protocol = await context.newCDPSession(page);
  await protocol.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 });
  check('a composition under way', await told(), '');
  check('is shown', await page.getByTestId('composed').innerText(), 'にほ');
  await protocol.send('Input.insertText', { text: '日本' });
  check('a composition', await told(), '"日本"');
  await page.keyboard.insertText('👍');
  check('an emoji', await told(), '"👍"');

  await page.getByTestId('desktop-field').evaluate((field) => {
    const tell = (kind, code, key) => {
      const event = new KeyboardEvent(kind, { code, key, bubbles: true, cancelable: true });
      return field.dispatchEvent(event);
    };
    tell('keydown', 'BracketLeft', 'Dead');
    tell('keyup', 'BracketLeft', 'Dead');
    // What a browser does with an event that nobody took.
    if (tell('keydown', 'KeyE', 'ê')) document.execCommand('insertText', false, 'ê');
    tell('keyup', 'KeyE', 'ê');
  });
  check('a dead key', await told(), '"ê"');

  await page.keyboard.down('Control');
  await page.getByTestId('desktop-field').evaluate((field) => field.blur());
  check('a key that is held when the focus goes', await told(), '+ControlLeft -ControlLeft');
  await page.keyboard.up('Control');
  await page.mouse.click(500, 600);
  await told();
  await page.keyboard.press('Control+Alt+Shift');
  check('the keys that lead to the tools', await told(), '+ControlLeft +AltLeft -AltLeft -ControlLeft');
  await page.getByTestId('tool-keys').click();
  await page.getByTestId('press-ctrl-alt-del').click();
  check('Ctrl+Alt+Del', await told(), '+ControlLeft +AltLeft +Delete -Delete -AltLeft -ControlLeft');
  await page.keyboard.press('x');
  check('the focus is back', await told(), '+KeyX -KeyX');
  await context.close();
}

async function mouse() {
  const { context, page, told } = await desktop('drawing-board');
  await page.mouse.move(500, 600);
  await told();
  for (const [button, bit] of [['left', 1], ['middle', 2], ['right', 4]]) {
    await page.mouse.click(500, 600, { button });
    check(`the ${button} button`, await told(), `500,600,${bit},0,0 500,600,0,0,0`);
  }
  await page.mouse.wheel(0, 120);
  check('a notch of the wheel', await told(), '500,600,0,0,120');
  await page.mouse.down();
  await page.mouse.move(1500, 900, { steps: 3 });
  await page.mouse.up();
  check('a drag out of the window', await told(), /1279,799,1,0,0 1279,799,0,0,0$/);
  await context.close();
}

async function clipboard() {
  const { context, page, told } = await desktop('drawing-board', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const here = () => page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => navigator.clipboard.writeText('from here'));
  await page.keyboard.press('Control+v');
  check('a paste', await told(), '+ControlLeft clip(from here) +KeyV -KeyV -ControlLeft');
  check('the answer', await here(), 'FROM HERE');
  await page.keyboard.press('Control+v');
  check('no echo', await told(), '+ControlLeft +KeyV -KeyV -ControlLeft');
  await context.close();
}

/** As Firefox and Safari do: no reading, and writing only in answer to a click. */
async function strictClipboard() {
  const { context, page, told } = await desktop('drawing-board');
  await page.evaluate(() => {
    const command = document.execCommand.bind(document);
    window.strict = true;
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    document.execCommand = (name, ...rest) => !(name === 'copy' && window.strict) && command(name, ...rest);
  });
  await page.getByTestId('desktop-field').evaluate((field) => {
    const key = { code: 'KeyV', key: 'v', ctrlKey: true, bubbles: true, cancelable: true };
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'ünï');
    field.dispatchEvent(new KeyboardEvent('keydown', key));
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    field.dispatchEvent(new KeyboardEvent('keyup', key));
  });
  check('a paste event', await told(), 'clip(ünï) +KeyV -KeyV');
  const offer = page.getByRole('button', { name: 'Copy it here' });
  await offer.waitFor();
  await page.evaluate(() => (window.strict = false));
  await offer.click();
  await page.keyboard.press('Control+Alt+Shift');
  await page.getByTestId('tool-clipboard').click();
  const text = page.getByTestId('clipboard-text');
  await text.fill('');
  await text.press('Control+v');
  check('a copy by a click', await text.inputValue(), 'ÜNÏ');
  await context.close();
}

async function fingers() {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const { context, page, told } = await desktop('drawing-board', phone);
  const protocol = await context.newCDPSession(page);
  const touch = async (type, ...points) => {
    const touchPoints = points.map(([x, y], id) => ({ x, y, id }));
    await protocol.send('Input.dispatchTouchEvent', { type, touchPoints });
  };
  await page.touchscreen.tap(200, 300);
  check('a tap', await told(), '200,300,1,0,0 200,300,0,0,0');
  await touch('touchStart', [100, 400]);
  await page.waitForTimeout(650);
  await touch('touchEnd');
  check('a long press', await told(), '100,400,4,0,0 100,400,0,0,0');
  await touch('touchStart', [100, 400]);
  await touch('touchMove', [160, 400]);
  await touch('touchMove', [200, 400]);
  await touch('touchEnd');
  check('a drag', await told(), /^100,400,1,0,0 .*200,400,0,0,0$/);
  await touch('touchStart', [100, 400], [200, 400]);
  for (let y = 410; y <= 480; y += 10) {
    await touch('touchMove', [100, y], [200, y]);
    await page.waitForTimeout(20);
  }
  await touch('touchEnd');
  check('two fingers', await told(), /^(\d+,\d+,0,0,-120 ?)+$/);

  await page.getByTestId('strip-handle').tap();
  await page.getByTestId('tool-on-screen').tap();
  await told();
  await page.getByTestId('finger-keys').getByText('Ctrl').tap();
  await page.keyboard.insertText('c');
  check('a modifier that waits', await told(), '+ControlLeft +KeyC -KeyC -ControlLeft');
  await protocol.send('Input.imeSetComposition', { text: 'helo', selectionStart: 4, selectionEnd: 4 });
  await protocol.send('Input.insertText', { text: 'help' });
  check('a word that corrects itself', await told(), '"helo" +Backspace -Backspace "p"');
  await context.close();
}

async function watching() {
  const { context, page, told } = await desktop('wall-display');
  await page.keyboard.press('a');
  await page.mouse.click(300, 300);
  check('hands of a person who only watches', await told(), '');
  await context.close();
}

for (const scene of [keys, mouse, clipboard, strictClipboard, fingers, watching]) {
  console.log(`-- ${scene.name}`);
  try {
    await scene();
  } catch (error) {
    check('the scene plays to its end', String(error), '');
  }
}
await browser.close();
process.exitCode = differences === 0 ? 0 : 1;

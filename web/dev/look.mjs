/**
 * Takes pictures of every page and state, to be looked at: against the mock
 * server, in two sizes, light and dark.
 *
 *   npm run build && npm run dev:mock &
 *   npm run look -- /tmp/pictures [scene ...]
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { ADMIN_SCENES } from './look-admin.mjs';
import { portalScenes } from './look-portal.mjs';

const [folder = '/tmp/causeway-pictures', ...wanted] = process.argv.slice(2);
/** Width and colour scheme of each picture; `FEW=1` takes the two that differ most. */
const SIZES = process.env.FEW ? [[1280, 'light'], [390, 'dark']] : [[1280, 'light'], [1280, 'dark'], [390, 'light'], [390, 'dark']];
const base = process.env.BASE ?? 'http://localhost:4180';

const signIn = async (page) => {
  await page.goto(base);
  await page.getByTestId('username').fill('admin');
  await page.getByTestId('password').fill('causeway');
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('search').waitFor();
};

const open = async (page, endpoint, status = 'active') => {
  await signIn(page);
  await page.locator(`[data-endpoint="${endpoint}"]`).getByTestId('launch').click();
  await page.waitForFunction((s) => window.causeway?.status === s, status, { timeout: 8000 });
  await page.waitForTimeout(400);
};

const openDesktop = async (page, endpoint) => {
  await open(page, endpoint);
  await page.waitForFunction(() => window.causeway.framesPresented > 2, undefined, { timeout: 8000 });
};

/** The strip's tools, by the keys that lead to them. */
const tools = async (page) => {
  await page.keyboard.press('Control+Alt+Shift');
  await page.getByTestId('tool-back').waitFor();
};

const openPanel = async (page, panel, endpoint = 'drawing-board') => {
  await openDesktop(page, endpoint);
  await tools(page);
  await page.getByTestId(`tool-${panel}`).evaluate((tool) => tool.click());
  await page.waitForTimeout(300);
};

const type = async (page, text) => {
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(250);
};

const SCENES = {
  'sign-in': async (page) => {
    await page.goto(base);
    await page.getByTestId('username').fill('admin');
    await page.getByTestId('password').fill('nope');
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('sign-in-problem').waitFor();
  },
  applications: signIn,
  search: async (page) => {
    await signIn(page);
    await page.keyboard.press('/');
    await page.keyboard.type('build');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
  },
  nothing: async (page) => {
    await signIn(page);
    await page.getByTestId('search').fill('zebra');
  },
  terminal: async (page) => {
    await open(page, 'demo');
    for (const words of ['help', 'colours', 'wide', 'link', 'title deploy: main', 'seq 6']) await type(page, words);
  },
  options: async (page) => {
    await open(page, 'demo');
    await page.getByTestId('tool-options').click();
  },
  help: async (page) => {
    await open(page, 'demo');
    await page.keyboard.press('Control+Shift+Escape');
    await page.getByTestId('tool-help').click();
  },
  find: async (page) => {
    await open(page, 'demo');
    await type(page, 'seq 200');
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.type('14');
    await page.waitForTimeout(200);
  },
  end: async (page) => {
    await open(page, 'demo');
    await page.getByTestId('tool-end').click();
  },
  connecting: async (page) => {
    await open(page, 'slow-host', 'connecting');
    await page.waitForTimeout(4000);
  },
  credentials: async (page) => {
    await open(page, 'db-primary', 'credentials');
    await page.getByTestId('credential-0').fill('ada');
    await page.getByTestId('credential-1').fill('secret');
  },
  failed: (page) => open(page, 'edge-router', 'failed'),
  'host-key': (page) => open(page, 'old-nas', 'failed'),
  ended: async (page) => {
    await open(page, 'demo');
    await type(page, 'colours');
    await type(page, 'exit 3');
  },
  reconnecting: async (page) => {
    await open(page, 'demo');
    await type(page, 'seq 12');
    await type(page, 'away');
    await page.waitForTimeout(2200);
  },
  watched: async (page) => {
    await open(page, 'watched');
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/plain', 'no');
      document.querySelector('.xterm-helper-textarea')
        ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.waitForTimeout(300);
  },
  'ends-soon': (page) => open(page, 'brief'),
  paper: async (page) => {
    await open(page, 'paper');
    await type(page, 'colours');
    await type(page, 'wide');
  },
  desktop: async (page) => {
    await openDesktop(page, 'drawing-board');
    await page.mouse.click(420, 320);
    await page.keyboard.type('Hi é');
    await page.mouse.wheel(0, 120);
    await page.waitForTimeout(400);
  },
  'desktop-tools': async (page) => {
    await openDesktop(page, 'drawing-board');
    await tools(page);
    await page.waitForTimeout(300);
  },
  'desktop-keys': (page) => openPanel(page, 'keys'),
  'desktop-clipboard': async (page) => {
    await openPanel(page, 'clipboard');
    await page.getByTestId('clipboard-text').fill('A text for the machine');
    await page.getByTestId('clipboard-give').click();
    await page.waitForTimeout(600);
  },
  'desktop-view': (page) => openPanel(page, 'view'),
  'desktop-statistics': async (page) => {
    await openPanel(page, 'statistics');
    await page.waitForTimeout(5000);
  },
  'desktop-help': (page) => openPanel(page, 'help'),
  'desktop-fit': async (page) => {
    await openDesktop(page, 'lobby-screen');
    await page.waitForTimeout(3500);
  },
  'desktop-watched': async (page) => {
    await openPanel(page, 'clipboard', 'wall-display');
  },
  'desktop-credentials': async (page) => {
    await open(page, 'accounting-win11', 'credentials');
    await page.getByTestId('credential-0').fill('ACME\\ada');
  },
  'desktop-certificate': (page) => open(page, 'hr-desktop', 'failed'),
  'desktop-refused': (page) => open(page, 'terminal-server', 'failed'),
  'desktop-reconnecting': async (page) => {
    await openDesktop(page, 'drawing-board');
    await page.request.get(`${base}/mock/away/${page.url().split('/').at(-1)}`);
    await page.waitForTimeout(2500);
  },
  'desktop-ended': async (page) => {
    await openDesktop(page, 'drawing-board');
    await tools(page);
    await page.getByTestId('tool-end').click();
    await page.getByTestId('end-confirm').click();
    await page.waitForTimeout(800);
  },
  sessions: async (page) => {
    await open(page, 'demo');
    await page.goto(`${base}/sessions`);
    await page.getByTestId('session').first().waitFor();
    await page.getByTestId('end-session').first().click();
  },
  ...portalScenes({ base, signIn }),
  unknown: async (page) => {
    await signIn(page);
    await page.goto(`${base}/nowhere/at/all`);
  },
};

for (const [name, scene] of Object.entries(ADMIN_SCENES)) {
  SCENES[`admin-${name}`] = async (page) => {
    await signIn(page);
    await scene(page, base);
  };
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
for (const [name, scene] of Object.entries(SCENES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const [width, colorScheme] of SIZES) {
    const context = await browser.newContext({
      viewport: { width, height: width < 500 ? 844 : 800 },
      colorScheme,
      ...(width < 500 ? { hasTouch: true, isMobile: true } : {}),
    });
    const page = await context.newPage();
    page.on('console', (message) => !/Failed to load resource|task queue/.test(message.text()) && ['error', 'warning'].includes(message.type()) && console.log(name, message.text()));
    page.on('pageerror', (error) => console.log(name, String(error)));
    try {
      await scene(page);
    } catch (error) {
      console.log(`${name} ${width} ${colorScheme}: ${String(error).split('\n')[0]}`);
    }
    await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
    await context.close();
  }
}
await browser.close();

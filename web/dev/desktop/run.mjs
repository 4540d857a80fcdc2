/**
 * Picture and sound in a real browser, built and under the policy that the server
 * sends: first what must hold, then what it costs.
 *
 *   npm run desktop                 checks and measures
 *   npm run desktop -- check        checks only; fails when one does
 *   npm run desktop -- measure text measures one scene
 *   CHROMIUM=/usr/bin/chromium      which browser, else Playwright's own
 *   CHROMIUM_FLAGS='--flag --flag'  how it is started
 *   WITHOUT=ImageDecoder            a browser that lacks this, as far as scripts can tell
 */

import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../vite.config.ts', import.meta.url));
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
  "img-src 'self' blob:; connect-src 'self'";
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };
const SIZES = [
  [1280, 720],
  [1920, 1080],
];
const RATES = [30, 60];

const { WITHOUT } = process.env;

/** Screenshots of a picture that changes all the time. */
const SHOTS = 25;

const [wanted = 'all', ...scenesWanted] = process.argv.slice(2);

const folder = await mkdtemp(join(tmpdir(), 'causeway-desktop-'));
await build({ root: ROOT, configFile: CONFIG, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true, target: 'es2022' } });

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const file = join(folder, normalize(path === '/' ? '/index.html' : path));
  readFile(file).then(
    (content) => {
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
      // Workers have no page whose script could take something away from them.
      if (WITHOUT && type === TYPES['.js']) response.write(`globalThis.${WITHOUT} = undefined;`);
      response.end(content);
    },
    // No icon: every browser asks for one.
    () => response.writeHead(path === '/favicon.ico' ? 204 : 404).end(),
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const browser = await chromium.launch({
  ...(process.env.CHROMIUM ? { executablePath: process.env.CHROMIUM } : {}),
  args: ['--no-sandbox', ...(process.env.CHROMIUM_FLAGS?.split(' ') ?? [])],
});
const complaints = [];

async function open(options) {
  const page = await browser.newPage(options);
  page.on('pageerror', (error) => complaints.push(`the page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`the console: ${message.text()}`);
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.desktop !== undefined);
  return page;
}

const report = (name, found) => {
  console.log(found.length === 0 ? `ok    ${name}` : `FAIL  ${name}\n      ${found.join('\n      ')}`);
  complaints.push(...found);
};

const page = await open({ viewport: { width: 1600, height: 900 } });

for (const name of await page.evaluate(() => window.desktop.checks)) {
  if (wanted === 'measure') break;
  const found = await page.evaluate((check) => window.desktop.check(check).catch((error) => [String(error)]), name);
  report(name, found);
}

if (wanted !== 'measure') {
  await page.evaluate(() => window.desktop.showColours());
  const shots = [];
  for (let shot = 0; shot < SHOTS; shot += 1) shots.push((await page.screenshot()).toString('base64'));
  await page.evaluate(() => window.desktop.stopColours());
  const mixed = [];
  for (const shot of shots) mixed.push(await page.evaluate((png) => window.desktop.coloursOfScreenshot(png), shot));
  const torn = mixed.filter((colours) => colours !== 1);
  const different = new Set(shots).size;
  report('nothing on the display is torn', torn.length === 0 && different > 1 ? [] : [`${mixed.join()} of ${different} pictures`]);
}

for (const deviceScaleFactor of [1, 1.25, 1.5, 2]) {
  if (wanted === 'measure') break;
  const scaled = await open({ viewport: { width: 600, height: 400 }, deviceScaleFactor });
  const { width, height } = await scaled.evaluate(() => window.desktop.showChequers());
  const png = (await scaled.screenshot({ scale: 'device' })).toString('base64');
  const wrong = await page.evaluate((given) => window.desktop.wrongChequers(...given), [png, width, height]);
  report(`pixels are the display's at ${deviceScaleFactor}`, wrong === 0 ? [] : [`${wrong} of ${width * height * 4} bytes differ`]);
  await scaled.close();
}

if (wanted !== 'check' && complaints.length === 0) {
  const first = [];
  for (let round = 0; round < 5; round += 1) first.push(await page.evaluate(() => window.desktop.firstPicture(1280, 720)));
  console.log(`\nfirst picture of a new worker, 1280x720: ${first.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  console.log('\nscene    size        asked  shown/s  decode ms  mark to display ms  kB/frame');
  for (const scene of scenesWanted.length > 0 ? scenesWanted : await page.evaluate(() => window.desktop.scenes)) {
    for (const [width, height] of SIZES) {
      for (const rate of RATES) {
        const got = await page.evaluate((each) => window.desktop.play(...each), [scene, width, height, rate]);
        const columns = [
          scene.padEnd(8),
          `${width}x${height}`.padEnd(10),
          String(rate).padStart(6),
          got.presented.toFixed(1).padStart(8),
          got.decodeMs.toFixed(2).padStart(10),
          got.presentMs.toFixed(1).padStart(19),
          got.kilobytes.toFixed(0).padStart(9),
        ];
        console.log(columns.join(' '));
      }
    }
  }
}

await browser.close();
server.close();
await rm(folder, { recursive: true });
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);

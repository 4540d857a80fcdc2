/** The pages as a person uses them; what they are made of stands here only. */

import { expect, type Locator, type Page } from '@playwright/test';
import type { StackFacts } from './stack.ts';
import { code } from './totp.ts';

/** The prompt of the test account's shell at the end of the text, whose blanks are cut off. */
export const PROMPT = /\$$/;

/** `window.causeway`, as the viewer exposes it. */
type Inspection = {
  readonly status: string;
  readonly columns: number;
  readonly rows: number;
  readonly bytesReceived: number;
  readonly terminalText: () => string;
};

/** The same for a desktop: what it tells, and what it can be asked. */
type DesktopFacts = {
  readonly width: number;
  readonly height: number;
  readonly framesPresented: number;
  readonly desktopName: string;
  readonly resizable: boolean;
  readonly decodeMs: number | undefined;
};

type DesktopInspection = DesktopFacts & {
  readonly pixel: (x: number, y: number) => Promise<readonly [number, number, number] | undefined>;
  readonly snapshot: () => Promise<string | undefined>;
};

/** My applications. */
export class Portal {
  constructor(
    readonly page: Page,
    private readonly stack: StackFacts,
  ) {}

  async open(path = '/'): Promise<void> {
    await this.page.goto(this.stack.url + path);
  }

  async signIn(password = this.stack.password, username = this.stack.username): Promise<void> {
    await this.page.getByTestId('username').fill(username);
    await this.page.getByTestId('password').fill(password);
    await this.page.getByTestId('sign-in-submit').click();
  }

  async signOut(): Promise<void> {
    await this.page.getByTestId('user-menu').click();
    await this.page.getByTestId('sign-out').click();
    await expect(this.page.getByTestId('sign-in')).toBeVisible();
  }

  application(slug: string): Locator {
    return this.page.locator(`[data-testid=application][data-slug="${slug}"]`);
  }

  endpoint(name: string): Locator {
    return this.page.locator(`[data-testid=endpoint][data-endpoint="${name}"]`);
  }

  /** Opens an endpoint in this tab. */
  async launch(name: string): Promise<Viewer> {
    await this.endpoint(name).getByTestId('launch').click();
    return new Viewer(this.page);
  }

  /** Opens an endpoint whose launch asks something first. */
  async ask(name: string): Promise<FlowPage> {
    await this.endpoint(name).getByTestId('launch').click();
    await expect(this.page).toHaveURL(/\/flow\//);
    return new FlowPage(this.page);
  }

  /** Opens a desktop and waits for its first picture. */
  async desktop(name: string): Promise<DesktopViewer> {
    await this.launch(name);
    const viewer = new DesktopViewer(this.page);
    await viewer.isActive();
    await expect.poll(() => viewer.read('framesPresented')).toBeGreaterThan(0);
    return viewer;
  }

  /** Opens an endpoint and waits for its shell's prompt. */
  async shell(name = 'shell'): Promise<Viewer> {
    const viewer = await this.launch(name);
    await viewer.isActive();
    await viewer.shows(PROMPT);
    return viewer;
  }
}

/** One's own account: how one signs in. */
export class Account {
  constructor(readonly page: Page) {}

  /**
   * Sets up an authenticator app, with the present code; the next one is still
   * good. Its key, for codes, and the recovery codes that came with it.
   */
  async addAuthenticator(): Promise<Authenticator> {
    await this.page.getByTestId('add-totp').click();
    const shown = this.page.getByTestId('totp-secret');
    const secret = (await shown.getAttribute('data-secret')) ?? '';
    await expect(this.page.getByTestId('qr')).toHaveJSProperty('complete', true);
    await this.page.getByTestId('code').fill(code(secret));
    const codes = this.page.getByTestId('recovery-codes').locator('code');
    await expect(codes.first()).toBeVisible();
    const recovery = await codes.allTextContents();
    await this.page.getByTestId('codes-done').click();
    return { secret, recovery };
  }

  /** Adds a passkey of the page's device, and puts the recovery codes away that come with it. */
  async addPasskey(name: string): Promise<void> {
    await this.page.getByTestId('add-passkey').click();
    await this.page.getByTestId('passkey-name').fill(name);
    await this.page.getByTestId('passkey-submit').click();
    await this.page.getByTestId('codes-done').click();
    await expect(this.page.getByTestId('passkeys')).toContainText(name);
  }
}

export type Authenticator = { readonly secret: string; readonly recovery: readonly string[] };

/** What a launch asks before it opens. */
export class FlowPage {
  constructor(readonly page: Page) {}

  /** Waits for a question of this type. */
  async asks(type: string): Promise<void> {
    await expect(this.page.getByTestId('stage')).toHaveAttribute('data-stage', type);
  }

  field(name: string): Locator {
    return this.page.getByTestId(`field-${name}`);
  }

  async goOn(): Promise<void> {
    await this.page.getByTestId('flow-submit').click();
  }

  async cancel(): Promise<void> {
    await this.page.getByTestId('flow-cancel').click();
  }
}

/** The viewer of one session. */
export class Viewer {
  constructor(readonly page: Page) {}

  /** Id of the connection. */
  get connection(): string {
    return new URL(this.page.url()).pathname.split('/').pop() ?? '';
  }

  async hasStatus(status: string): Promise<void> {
    await expect(this.page.getByTestId('viewer')).toHaveAttribute('data-status', status);
  }

  async isActive(): Promise<void> {
    await this.hasStatus('active');
  }

  async text(): Promise<string> {
    return this.page.evaluate(
      () => (window as unknown as { causeway?: Inspection }).causeway?.terminalText() ?? '',
    );
  }

  async size(): Promise<{ columns: number; rows: number }> {
    return this.page.evaluate(() => {
      const { columns, rows } = (window as unknown as { causeway: Inspection }).causeway;
      return { columns, rows };
    });
  }

  /** Waits until the visible text holds `text`. */
  async shows(text: string | RegExp): Promise<void> {
    const holds = expect.poll(() => this.text(), { message: `the terminal shows ${text}` });
    await (text instanceof RegExp ? holds.toMatch(text) : holds.toContain(text));
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
  }

  /** Types a line and the Enter key. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press('Enter');
  }

  /** A button of the tool strip. */
  tool(id: string): Locator {
    return this.page.getByTestId(`tool-${id}`);
  }

  /** Ends the session, and waits until the viewer says so. */
  async end(): Promise<void> {
    await this.tool('end').click();
    await this.page.getByTestId('end-confirm').click();
    await this.hasStatus('ended');
  }

  notice(text: string | RegExp): Locator {
    return this.page.getByTestId('notices').getByText(text);
  }
}

/** The viewer of a desktop. */
export class DesktopViewer extends Viewer {
  /** One of the numbers and words that the viewer tells of itself. */
  async read<Name extends keyof DesktopFacts>(name: Name): Promise<DesktopFacts[Name]> {
    const facts = await this.page.evaluate(
      (name) => (window as unknown as { causeway: DesktopFacts }).causeway[name],
      name as keyof DesktopFacts,
    );
    return facts as DesktopFacts[Name];
  }

  /** Pixels of the remote screen. */
  async screen(): Promise<{ width: number; height: number }> {
    return { width: await this.read('width'), height: await this.read('height') };
  }

  /** The colour that is shown at a place of the remote screen. */
  async pixel(x: number, y: number): Promise<readonly number[] | undefined> {
    return this.page.evaluate(
      ([x, y]) => (window as unknown as { causeway: DesktopInspection }).causeway.pixel(x!, y!),
      [x, y],
    );
  }

  /** What is shown, as a PNG file. */
  async snapshot(): Promise<Buffer> {
    const base64 = await this.page.evaluate(() =>
      (window as unknown as { causeway: DesktopInspection }).causeway.snapshot(),
    );
    return Buffer.from(base64 ?? '', 'base64');
  }

  /** Where a place of the remote screen is on the page, when the picture fills its room. */
  async at(x: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await this.page.getByTestId('desktop-picture').boundingBox())!;
    const { width, height } = await this.screen();
    const scale = Math.min(box.width / width, box.height / height);
    const left = box.x + (box.width - width * scale) / 2;
    const top = box.y + (box.height - height * scale) / 2;
    return { x: left + x * scale, y: top + y * scale };
  }
}

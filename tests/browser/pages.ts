/** The pages as a person uses them; what they are made of stands here only. */

import { expect, type Locator, type Page } from '@playwright/test';
import type { StackFacts } from './stack.ts';

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

/** My applications. */
export class Portal {
  constructor(
    readonly page: Page,
    private readonly stack: StackFacts,
  ) {}

  async open(path = '/'): Promise<void> {
    await this.page.goto(this.stack.url + path);
  }

  async signIn(password = this.stack.password): Promise<void> {
    await this.page.getByTestId('username').fill(this.stack.username);
    await this.page.getByTestId('password').fill(password);
    await this.page.getByTestId('sign-in-submit').click();
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

  /** Opens an endpoint and waits for its shell's prompt. */
  async shell(name = 'shell'): Promise<Viewer> {
    const viewer = await this.launch(name);
    await viewer.isActive();
    await viewer.shows(PROMPT);
    return viewer;
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

  notice(text: string | RegExp): Locator {
    return this.page.getByTestId('notices').getByText(text);
  }
}

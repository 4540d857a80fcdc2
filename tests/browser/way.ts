/** The way of a page to its edge, which fails as an edge does that dies: first in silence. */

import type { Page, WebSocketRoute } from '@playwright/test';

export class FailingWay {
  #first: WebSocketRoute | undefined;
  #loses = false;
  #open = (): void => undefined;
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve));

  /** To be made before the page opens its session. */
  static async of(page: Page): Promise<FailingWay> {
    const way = new FailingWay();
    await page.routeWebSocket(/\/edge\/v1\/connect/, (socket) => way.#connect(socket));
    return way;
  }

  /** Nothing that the page says from now on comes to the edge. */
  loseAll(): void {
    this.#loses = true;
  }

  /** The page hears that the way is gone; another waits for `openAgain`. */
  async close(): Promise<void> {
    await this.#first?.close({ code: 4000, reason: 'the edge went away' });
  }

  openAgain(): void {
    this.#open();
  }

  async #connect(socket: WebSocketRoute): Promise<void> {
    const isFirst = this.#first === undefined;
    this.#first ??= socket;
    if (!isFirst) await this.#opened;
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (!(isFirst && this.#loses)) server.send(message);
    });
  }
}

/** The program and its targets, started by the Rust fixtures for one worker. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** How a desktop is looked at from its own side. */
export type DeskFacts = {
  /** Name of the X display. */
  readonly display: string;
  /** File with its cookie. */
  readonly authority: string | null;
  /** File that its terminal writes what is typed to. */
  readonly typed: string;
};

/** What `causeway-test-stack` says of itself. */
export type StackFacts = {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly pid: number;
  readonly ssh: {
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly home: string;
  };
  readonly desks: { readonly vnc: DeskFacts; readonly rdp: DeskFacts };
};

/** The folder of what cargo builds. */
function target(): string {
  return process.env['CARGO_TARGET_DIR'] ?? resolve(root, 'target');
}

/** The program under test. */
export function program(): string {
  return process.env['CAUSEWAY_BINARY'] ?? resolve(target(), 'debug/causeway');
}

export class Stack {
  private constructor(
    readonly facts: StackFacts,
    private readonly child: ChildProcess,
  ) {}

  /** Starts it and waits until it says where it is. */
  static async start(): Promise<Stack> {
    const child = spawn(resolve(target(), 'debug/causeway-test-stack'), {
      cwd: root,
      env: { ...process.env, CAUSEWAY_BINARY: program() },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout! });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the stack did not start')));
    const first = once(lines, 'line').then(([line]) => JSON.parse(String(line)) as StackFacts);
    const facts = await Promise.race([first, ended]);
    ended.catch(() => {});
    return new Stack(facts, child);
  }

  /** Ends it and everything that it started. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.stdin!.end();
    await exited;
  }
}

/** A desktop seen from its own side, past the viewer. */

import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DeskFacts } from './stack.ts';

const run = promisify(execFile);

/** More than any screenshot of these tests. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export class Desk {
  constructor(private readonly facts: DeskFacts) {}

  /** All that was typed into its terminal so far. */
  async typed(): Promise<string> {
    return readFile(this.facts.typed, 'utf8').catch(() => '');
  }

  /** Pixels across and down. */
  async size(): Promise<{ width: number; height: number }> {
    const [width, height] = (await this.#run('xdotool', 'getdisplaygeometry')).split(' ').map(Number);
    return { width: width!, height: height! };
  }

  /** Where the pointer is. */
  async pointer(): Promise<{ x: number; y: number }> {
    const text = await this.#run('xdotool', 'getmouselocation', '--shell');
    const value = (name: string): number => Number(new RegExp(`^${name}=(-?\\d+)$`, 'm').exec(text)![1]);
    return { x: value('X'), y: value('Y') };
  }

  /** The text of its clipboard; empty when there is none. */
  async clipboard(): Promise<string> {
    return this.#run('xclip', '-selection', 'clipboard', '-o', '-t', 'UTF8_STRING').catch(() => '');
  }

  /** Puts a text on its clipboard; xclip keeps it there until somebody else copies. */
  async copy(text: string): Promise<void> {
    const owner = spawn('xclip', ['-selection', 'clipboard', '-i'], {
      env: this.#environment(),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = new Promise((resolve) => owner.once('exit', resolve));
    owner.stdin.end(text);
    await ended;
  }

  /** How much of what it shows differs from a picture (a PNG file): a mean error of 0 to 1. */
  async difference(png: string): Promise<number> {
    await this.#run('import', '-silent', '-window', 'root', '-depth', '8', `${png}.own.png`);
    // Ends with 1 when anything differs, and writes the measure to its error output.
    const { stderr } = await run('compare', ['-metric', 'MAE', png, `${png}.own.png`, 'null:']).catch(
      (error: { stderr: string }) => error,
    );
    return Number(/\(([-+.e\d]+)\)/.exec(stderr)?.[1] ?? 1);
  }

  async #run(program: string, ...args: string[]): Promise<string> {
    const options = { env: this.#environment(), maxBuffer: OUTPUT_BYTES_MAX, timeout: 10_000 };
    return (await run(program, args, options)).stdout;
  }

  #environment(): NodeJS.ProcessEnv {
    const authority = this.facts.authority === null ? {} : { XAUTHORITY: this.facts.authority };
    return { PATH: process.env['PATH'], DISPLAY: this.facts.display, LANG: 'C.UTF-8', ...authority };
  }
}

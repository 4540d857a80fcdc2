/**
 * A desktop that runs nothing: a painted picture, a rectangle that moves,
 * the last inputs in words, a clipboard that answers, a tone on each click.
 */

import { MockPicture, paintDesktop } from './mock-picture.mjs';

const FRAME_MS = 40;
const FRAMES_IN_FLIGHT = 2;
const BALL = 44;
const LINES = 6;
const SAMPLE_RATE = 48_000;

/** Eleven by sixteen: X black, o white. */
const ARROW = [
  'X', 'XX', 'XoX', 'XooX', 'XoooX', 'XooooX', 'XoooooX', 'XooooooX', 'XoooooooX', 'XooooooooX', 'XoooooXXXXX',
  'XooXooX', 'XoX XooX', 'XX  XooX', 'X    XooX', '     XXX',
].map((row) => row.padEnd(11));

export class MockDesktop {
  /** `send` takes a body for the viewer. */
  constructor(behaviour, send) {
    this.behaviour = behaviour;
    this.send = send;
    this.inputs = [];
    this.lines = ['Type, click, scroll, paste: what comes is shown here.'];
    this.ball = { x: 120, y: 300, dx: 7, dy: 4 };
    this.frame = 0;
    this.clipboard = '';
  }

  /** A viewer is there, and has room for this. */
  attach(size) {
    this.acknowledged = this.frame = 0;
    const { name = '', resizable = false } = this.behaviour;
    this.send({ case: 'desktopState', value: { resizable, name } });
    this.resize(size);
    const colours = { X: [0, 0, 0, 255], o: [255, 255, 255, 255], ' ': [0, 0, 0, 0] };
    const rgba = Buffer.from([...ARROW.join('')].flatMap((dot) => colours[dot]));
    this.send({ case: 'cursorShape', value: { width: 11, height: 16, rgba } });
    this.timer ??= setInterval(() => this.tick(), FRAME_MS);
  }

  detach() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  resize({ widthPx, heightPx }) {
    const [width, height] = this.behaviour.size ?? [Math.max(200, widthPx & ~1), Math.max(200, heightPx)];
    if (this.picture?.width !== width || this.picture?.height !== height) {
      this.picture = new MockPicture(width, height);
      this.notes = paintDesktop(this.picture, this.behaviour.name ?? '');
    }
    this.send({ case: 'surfaceCreated', value: { surface: 0, width, height } });
    this.write();
    this.show([{ left: 0, top: 0, width, height }]);
  }

  handle({ case: kind, value }) {
    this.inputs.push({ kind, ...plain(value) });
    if (kind === 'frameAck') this.acknowledged = Math.max(this.acknowledged, Number(value.frame));
    if (kind === 'desktopResize' && this.behaviour.resizable) this.resize(value.size);
    if (kind === 'key') this.say(`${value.down ? 'down' : 'up  '} ${value.code} ${value.key}`);
    if (kind === 'text') this.say(`text ${value.text}`);
    if (kind === 'lockKeys') this.say(`locks caps=${value.caps} num=${value.num}`);
    if (kind === 'pointer') this.pointer(value);
    if (kind === 'clipboard') this.take(value);
  }

  pointer({ x, y, buttons, wheelX, wheelY }) {
    if (buttons !== this.buttons || wheelX || wheelY) {
      this.say(`pointer ${x},${y} buttons ${buttons} wheel ${wheelX},${wheelY}`);
    }
    if (buttons && !this.buttons) this.beep();
    this.buttons = buttons;
  }

  /** Answers a text with the same in upper case, a moment later. */
  take({ text, more }) {
    this.clipboard += text;
    if (more) return;
    const whole = this.clipboard;
    this.clipboard = '';
    this.say(`clipboard ${whole.length}: ${whole.slice(0, 30)}`);
    setTimeout(() => this.send({ case: 'clipboard', value: { text: whole.toUpperCase().slice(0, 100_000) } }), 200);
  }

  beep() {
    if (!this.behaviour.audio) return;
    for (let piece = 0; piece < 20; piece += 1) {
      const samples = Buffer.alloc(960 * 4);
      for (let at = 0; at < 960; at += 1) {
        const time = (piece * 960 + at) / SAMPLE_RATE;
        const value = Math.round(Math.sin(time * 2 * Math.PI * 660) * 6000 * Math.exp(-time * 8));
        samples.writeInt16LE(value, at * 4);
        samples.writeInt16LE(value, at * 4 + 2);
      }
      const timestampUs = BigInt(Date.now() * 1000 + piece * 20_000);
      this.send({ case: 'audioChunk', value: { codec: 1, sampleRate: SAMPLE_RATE, channels: 2, timestampUs, data: samples } });
    }
  }

  say(words) {
    this.lines = [...this.lines, words].slice(-LINES);
    this.write();
    this.show([this.notes]);
  }

  write() {
    const { left, top, width, height } = this.notes;
    this.picture.fill(left, top, width, height, [255, 255, 255]);
    const fits = Math.floor(width / 12);
    this.lines.forEach((line, index) => {
      this.picture.text(left, top + 6 + index * 22, line.slice(0, fits), [9, 105, 218]);
    });
  }

  tick() {
    if (this.frame - this.acknowledged >= FRAMES_IN_FLIGHT) return;
    const { picture, ball } = this;
    const room = { left: 0, top: Math.round(picture.height * 0.72), right: picture.width, bottom: picture.height - 34 };
    const old = { left: ball.x, top: ball.y, width: BALL, height: BALL };
    if (this.behind?.picture === picture) this.restore(this.behind);
    ball.x += ball.dx;
    ball.y += ball.dy;
    if (ball.x < room.left || ball.x + BALL > room.right) ball.dx = -ball.dx;
    if (ball.y < room.top || ball.y + BALL > room.bottom) ball.dy = -ball.dy;
    ball.x = Math.max(room.left, Math.min(room.right - BALL, ball.x));
    ball.y = Math.max(room.top, Math.min(room.bottom - BALL, ball.y));
    const now = { left: ball.x, top: ball.y, width: BALL, height: BALL };
    const known = this.behind?.picture === picture ? [old] : [];
    this.behind = { picture, ...now, pixels: picture.cut(now.left, now.top, BALL, BALL) };
    picture.fill(now.left, now.top, BALL, BALL, (x, y) => [255, 120 + ((x - now.left) * 2), (y - now.top) * 4]);
    this.show([...known, now]);
  }

  restore({ left, top, width, height, pixels }) {
    this.picture.fill(left, top, width, height, (x, y) => {
      const at = ((y - top) * width + (x - left)) * 3;
      return pixels.subarray(at, at + 3);
    });
  }

  show(rects) {
    for (const rect of rects) for (const tile of this.picture.tiles(rect)) this.send(tile);
    this.frame += 1;
    this.send({ case: 'frameMark', value: { frame: BigInt(this.frame) } });
  }
}

/** A message without what JSON cannot hold. */
function plain(value) {
  return JSON.parse(JSON.stringify(value, (_name, each) => (typeof each === 'bigint' ? Number(each) : each)));
}

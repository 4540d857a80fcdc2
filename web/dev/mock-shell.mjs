/** A shell that runs nothing: a prompt, an echo and a few words that it knows. */

const PROMPT = '\x1b[32mada@demo\x1b[0m:\x1b[34m~\x1b[0m$ ';

const HELP = `words: seq N, yes, colours, wide, link, title TEXT, bell, clip TEXT, size,
drop (lose the socket), away (and no ticket for 6 s), exit [N]`;

export class MockShell {
  /** `out` takes text; `act` takes ['drop'|'away'|'exit'|'clip', argument]. */
  constructor(out, act) {
    this.out = out;
    this.act = act;
    this.line = '';
    this.flood = undefined;
    this.size = [80, 24];
    out(`Last login: today from a browser tab\r\n${PROMPT}`);
  }

  input(text) {
    const plain = text.replaceAll('\x1b[200~', '').replaceAll('\x1b[201~', '');
    for (const char of plain) this.key(char);
  }

  key(char) {
    if (char === '\x03') this.interrupt();
    else if (char === '\r') this.run();
    else if (char === '\x7f' || char === '\b') this.erase();
    else if (char >= ' ') {
      this.line += char;
      this.out(char);
    }
  }

  erase() {
    if (this.line === '') return;
    this.line = [...this.line].slice(0, -1).join('');
    this.out('\b \b');
  }

  interrupt() {
    this.flood = undefined;
    this.line = '';
    this.out(`^C\r\n${PROMPT}`);
  }

  run() {
    const [word, ...rest] = this.line.trim().split(/\s+/);
    this.line = '';
    this.out('\r\n');
    const reply = this.reply(word ?? '', rest);
    if (reply !== undefined) this.out(`${reply}${reply && '\r\n'}${PROMPT}`);
  }

  reply(word, rest) {
    switch (word) {
      case '':
        return '';
      case 'help':
        return HELP.replaceAll('\n', '\r\n');
      case 'seq':
        this.flood = seq(Number(rest[0] ?? 10));
        return undefined;
      case 'yes':
        this.flood = yes();
        return undefined;
      case 'colours':
        return colours();
      case 'wide':
        return 'narrow|日本語 テスト|한국어|👍 🚀 🏳️|e\u0301|│─┼█▓▒░│';
      case 'link':
        return 'see https://causeway.example/docs or \x1b]8;;https://causeway.example/hidden\x1b\\this\x1b]8;;\x1b\\';
      case 'title':
        return `\x1b]0;${rest.join(' ')}\x07`;
      case 'bell':
        return '\x07';
      case 'size':
        return `${this.size[1]} ${this.size[0]}`;
      case 'clip':
      case 'drop':
      case 'away':
      case 'exit':
        this.act(word, rest.join(' '));
        return word === 'exit' ? undefined : '';
      default:
        return `${word}: not known here; try help`;
    }
  }

  /** The next piece of a flood, at most `bytes` long; undefined when there is none. */
  nextPiece(bytes) {
    if (!this.flood) return undefined;
    let piece = '';
    while (piece.length < bytes) {
      const { value, done } = this.flood.next();
      if (done) {
        this.flood = undefined;
        return piece + PROMPT;
      }
      piece += value;
    }
    return piece;
  }
}

function* seq(count) {
  for (let number = 1; number <= count; number += 1) yield `${number}\r\n`;
}

function* yes() {
  for (;;) yield 'y\r\n';
}

function colours() {
  const cell = (index) => `\x1b[48;5;${index}m  \x1b[0m`;
  const row = (from, to) => Array.from({ length: to - from }, (_, i) => cell(from + i)).join('');
  const rainbow = Array.from({ length: 64 }, (_, i) => {
    const part = (shift) => Math.round(127 + 127 * Math.sin(i / 10 + shift));
    return `\x1b[48;2;${part(0)};${part(2)};${part(4)}m \x1b[0m`;
  }).join('');
  const styles = '\x1b[1mbold\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munder\x1b[0m \x1b[9mstruck\x1b[0m \x1b[7mreverse\x1b[0m';
  return [row(0, 8), row(8, 16), row(16, 52), row(232, 256), rainbow, styles].join('\r\n');
}

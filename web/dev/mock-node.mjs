/** The node's side of the session protocol, as far as looking at the viewer needs it. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';

import { behaviourOf } from './mock-data.mjs';
import { MockDesktop } from './mock-desktop.mjs';
import { MockShell } from './mock-shell.mjs';

const PIECE_BYTES = 16 * 1024;
const RING_BYTES = 256 * 1024;
const STEP_ACTIVE = 8;

/** One session; it outlives its sockets. */
export class MockSession {
  constructor(schema, connection, ended) {
    this.schema = schema;
    this.connection = connection;
    this.ended = ended;
    this.behaviour = behaviourOf(connection.endpoint_name);
    this.ring = Buffer.alloc(0);
    this.offset = 0;
    this.window = PIECE_BYTES;
    this.acknowledged = 0;
    this.endsAt = this.behaviour.endsInMs ? Date.now() + this.behaviour.endsInMs : 0;
  }

  attach(socket) {
    if (this.socket && this.socket !== socket) {
      this.send({ case: 'ended', value: { reason: 'replaced', message: '' } });
      this.socket.close();
    }
    this.socket = socket;
    socket.on('message', (data) => {
      const { body } = fromBinary(this.schema.ToNodeSchema, new Uint8Array(data));
      this.handle(body);
    });
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.desktop?.detach();
    });
  }

  send(body) {
    const message = create(this.schema.ToViewerSchema, { body });
    this.socket?.send(toBinary(this.schema.ToViewerSchema, message));
  }

  handle(body) {
    switch (body.case) {
      case 'hello':
        return this.hello(body.value);
      case 'ping':
        return this.send({ case: 'pong', value: { nonce: body.value.nonce } });
      case 'terminalInput':
        this.shell?.input(new TextDecoder().decode(body.value.data));
        return this.pump();
      case 'terminalAck':
        this.acknowledged = Number(body.value.outputOffset);
        this.drawn = Math.max(this.drawn ?? 0, this.acknowledged);
        return this.pump();
      case 'terminalResize':
        return this.resize(body.value.size);
      case 'credentialAnswer':
        return body.value.cancelled ? this.end('left') : this.answered(body.value.answers);
      case 'leave':
        return this.end('left');
      default:
        return this.desktop?.handle(body);
    }
  }

  hello({ size, resume, terminalWindowBytes }) {
    const resumed = (this.shell ?? this.desktop) !== undefined;
    const start = this.offset - this.ring.length;
    const asked = resume ? Number(resume.outputOffset) : -1;
    const from = asked >= start && asked <= this.offset ? asked : start;
    this.window = terminalWindowBytes;
    this.acknowledged = from;
    this.send({
      case: 'welcome',
      value: {
        version: 1,
        capabilities: [1, 2, 3, 4, 7],
        protocol: { ssh: 1, rdp: 2, vnc: 3 }[this.connection.protocol],
        connectionId: this.connection.id,
        endpointName: this.connection.endpoint_name,
        dataPolicy: this.behaviour.policy,
        terminal: this.behaviour.terminal,
        endsAtUnixMs: BigInt(this.endsAt),
        resumeGraceS: 120,
        resumed,
        outputOffset: BigInt(from),
        replayedUntilOffset: BigInt(Math.max(from, this.drawn ?? 0)),
      },
    });
    if (resumed) {
      this.send({ case: 'progress', value: { step: STEP_ACTIVE } });
      if (this.desktop) return this.desktop.attach(size);
      this.resize(size);
      this.send({ case: 'terminalOutput', value: { data: this.ring.subarray(from - start) } });
      return this.pump();
    }
    this.size = size;
    return this.open(1);
  }

  open(step) {
    this.send({ case: 'progress', value: { step } });
    if (step === this.behaviour.stuckAt) return;
    if (this.behaviour.failure?.step === step) {
      this.send({ case: 'failure', value: this.behaviour.failure });
      this.ended('connect_failed', this.behaviour.failure.code);
      return;
    }
    if (step === 6 && this.behaviour.questions && !this.trusted) {
      this.ask('');
      return;
    }
    if (step === STEP_ACTIVE) {
      this.start();
      return;
    }
    setTimeout(() => this.open(step + 1), this.behaviour.stepMs ?? 15);
  }

  ask(instruction) {
    this.send({
      case: 'credentialRequest',
      value: {
        id: Date.now() % 1e9,
        title: '',
        instruction: instruction || (this.behaviour.desktop ? '' : 'Access to the primary database is logged.'),
        prompts: [
          { label: 'Username: ', echo: true },
          { label: 'Password: ', echo: false },
          ...(this.behaviour.desktop ? [] : [{ label: 'One-time code', echo: true }]),
        ],
      },
    });
  }

  answered([, password]) {
    if (password === 'wrong') {
      this.ask('That was not right. Try again.');
      return;
    }
    this.trusted = true;
    this.open(7);
  }

  start() {
    if (this.behaviour.desktop) {
      this.desktop = new MockDesktop(this.behaviour.desktop, (body) => this.send(body));
      this.desktop.attach(this.size);
      return;
    }
    this.shell = new MockShell((text) => this.output(text), (word, argument) => this.act(word, argument));
    this.resize(this.size);
  }

  resize({ columns, rows }) {
    if (this.shell) this.shell.size = [columns, rows];
  }

  output(text) {
    const data = Buffer.from(text);
    this.offset += data.length;
    this.ring = Buffer.concat([this.ring, data]).subarray(-RING_BYTES);
    this.send({ case: 'terminalOutput', value: { data } });
  }

  /** Sends of a flood what the window has room for. */
  pump() {
    while (this.offset - this.acknowledged + PIECE_BYTES <= this.window) {
      const piece = this.shell?.nextPiece(PIECE_BYTES);
      if (piece === undefined) return;
      this.output(piece);
    }
  }

  act(word, argument) {
    if (word === 'clip') this.send({ case: 'clipboard', value: { text: argument } });
    if (word === 'drop' || word === 'away') this.socket?.terminate();
    if (word === 'away') this.connection.awayUntil = Date.now() + 6000;
    if (word === 'exit') this.end('exited', Number(argument || 0));
  }

  end(reason, exitStatus) {
    const status = exitStatus === undefined ? {} : { exitStatus };
    this.desktop?.detach();
    this.send({ case: 'ended', value: { reason, exitSignal: '', message: '', ...status } });
    this.socket?.close();
    this.ended(reason);
  }
}

/** What the mock server knows: people, machines, and how each machine behaves. */

export const PASSWORD = 'causeway';

export const ME = { id: 'u-1', username: 'admin', name: 'Ada Marsh', role: 'admin' };

const policy = {
  copyAllowed: true,
  pasteAllowed: true,
  readOnly: false,
  audioAllowed: false,
  clipboardBytesMax: 256 * 1024,
};

const terminal = {
  colorScheme: '',
  fontName: '',
  fontSize: 0,
  scrollbackLines: 5000,
  backspaceCode: 127,
};

/** Endpoint name to its behaviour; every other endpoint is a plain shell. */
export const BEHAVIOURS = {
  'accounting-win11': {
    desktop: { resizable: true, name: 'WIN11-ACC', audio: true },
    questions: 'Windows',
    policy: { ...policy, audioAllowed: true },
  },
  'drawing-board': {
    desktop: { resizable: true, name: 'ada@drawing-board:1', audio: true },
    policy: { ...policy, audioAllowed: true },
  },
  'lobby-screen': { desktop: { size: [1024, 768], name: 'lobby' } },
  'wall-display': {
    desktop: { size: [1920, 1080], name: 'wall' },
    policy: { ...policy, copyAllowed: false, pasteAllowed: false, readOnly: true },
  },
  'hr-desktop': {
    desktop: {},
    failure: {
      code: 'certificate_changed',
      message: 'The target machine shows another certificate than the one that is remembered for it.',
      fault: 3,
      step: 5,
      retryMayHelp: false,
      details: {
        expected_fingerprint: 'SHA256:dW3yf9ztmtoVKl0VCM/hTDOu9x0mJS5j4sd1FJlN1d4',
        presented_fingerprint: 'SHA256:q7Qmgd2o0B1Vb6UOeFZ0yZ4M2xSlJwI8jzRkO5E6qkM',
      },
    },
  },
  'terminal-server': {
    desktop: {},
    failure: {
      code: 'auth_failed',
      message: 'The target machine did not accept the user name or the password.',
      fault: 1,
      step: 6,
      retryMayHelp: true,
      details: { username: 'ACME\\ada' },
    },
  },
  'db-primary': { questions: true },
  'edge-router': {
    failure: {
      code: 'target_refused',
      message: 'edge-router.lan:22 refused the connection',
      fault: 3,
      step: 3,
      retryMayHelp: true,
      details: { address: '10.20.0.1:22' },
    },
  },
  'old-nas': {
    failure: {
      code: 'host_key_changed',
      message: 'the machine shows another key than the one that is remembered for it',
      fault: 3,
      step: 5,
      retryMayHelp: false,
      details: {
        expected_fingerprint: 'SHA256:dW3yf9ztmtoVKl0VCM/hTDOu9x0mJS5j4sd1FJlN1d4',
        presented_fingerprint: 'SHA256:q7Qmgd2o0B1Vb6UOeFZ0yZ4M2xSlJwI8jzRkO5E6qkM',
      },
    },
  },
  'slow-host': { stepMs: 1500, stuckAt: 6 },
  watched: {
    policy: { ...policy, copyAllowed: false, pasteAllowed: false, readOnly: true },
    terminal: { ...terminal, colorScheme: 'green-black', fontSize: 12 },
  },
  paper: { terminal: { ...terminal, colorScheme: 'black-white' } },
  brief: { endsInMs: 3 * 60_000 },
};

export function behaviourOf(name) {
  return { policy, terminal, ...BEHAVIOURS[name] };
}

const names = (group, prefix, ...list) =>
  list.map((name, index) => ({ id: `${prefix}-${index}`, name, protocol: group }));

export const APPLICATIONS = [
  {
    slug: 'scratch', name: 'Scratch shell', icon: '🧪', group: '',
    endpoints: names('ssh', 'scratch', 'demo'),
  },
  {
    slug: 'build', name: 'Build farm', icon: '', group: 'Engineering',
    endpoints: names('ssh', 'build', 'build-01', 'build-02', 'build-03', 'slow-host'),
  },
  {
    slug: 'data', name: 'Databases', icon: '🗄', group: 'Engineering',
    endpoints: names('ssh', 'data', 'db-primary', 'db-replica', 'brief'),
  },
  ...(process.env.MANY
    ? [{
        slug: 'fleet', name: 'Fleet', icon: '🚚', group: 'Many',
        endpoints: names('ssh', 'fleet', ...Array.from({ length: 1000 }, (_, at) => `fleet-${String(at).padStart(4, '0')}`)),
      }]
    : []),
  {
    slug: 'site', name: 'Site network', icon: '', group: 'Operations',
    endpoints: names('ssh', 'site', 'edge-router', 'old-nas', 'watched', 'paper'),
  },
  {
    slug: 'office', name: 'Office desktops', icon: '🖥', group: 'Operations',
    endpoints: [
      ...names('rdp', 'office', 'accounting-win11', 'terminal-server', 'hr-desktop'),
      ...names('vnc', 'officev', 'drawing-board', 'lobby-screen', 'wall-display'),
    ],
  },
];

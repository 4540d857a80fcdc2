/** Rows of the settings catalogue, as many as the pages need to be looked at. */

const ALL = ['rdp', 'ssh', 'vnc'];
const DESKTOP = ['rdp', 'vnc'];

const row = (group, name, protocols, type, help, more = {}) => ({
  group, name, protocols, type, help, values: [], expected: '', minimum: null, maximum: null, default: null, secret: false, support: 'honoured', ...more,
});

export const CATALOGUE = [
  row('connection', 'hostname', ALL, 'text', 'Name or address of the target; the endpoint’s host unless set.'),
  row('connection', 'port', ALL, 'integer', 'Port of the target; the endpoint’s, or the protocol’s usual one.', { minimum: 1, maximum: 65535 }),
  row('connection', 'timeout', ALL, 'integer', 'How long the target may take to accept the connection, in seconds.', { minimum: 1, maximum: 120, default: '10' }),
  row('connection', 'username', ALL, 'text', 'Name to sign in with on the target; the viewer asks when there is none.'),
  row('connection', 'password', ALL, 'text', 'Password to sign in with on the target; the viewer asks when one is needed.', { secret: true }),
  row('connection', 'wol-send-packet', ALL, 'boolean', 'Wakes the target by a Wake-on-LAN packet from the node before connecting.', { default: 'false', support: 'planned' }),
  row('ssh', 'private-key', ['ssh'], 'multiline', 'Private key to sign in with, in OpenSSH or PEM form.', { secret: true }),
  row('ssh', 'passphrase', ['ssh'], 'text', 'Passphrase that the private key is encrypted with.', { secret: true }),
  row('ssh', 'host-key', ['ssh'], 'multiline', 'Host keys to accept, as lines of known_hosts or SHA256 fingerprints; unless set, the first key seen is remembered and a changed one refused.'),
  row('ssh', 'command', ['ssh'], 'multiline', 'Command to run instead of the login shell.'),
  row('ssh', 'server-alive-interval', ['ssh'], 'integer', 'How often a silent target is asked for a sign of life, in seconds; 0 for never.', { minimum: 0, maximum: 3600, default: '30' }),
  row('terminal', 'terminal-type', ['ssh'], 'text', 'Value of TERM on the target.', { default: 'xterm-256color' }),
  row('terminal', 'color-scheme', ['ssh'], 'text', 'Colours of the terminal: black-white, gray-black, green-black, white-black, or pairs.'),
  row('terminal', 'font-size', ['ssh'], 'integer', 'Size of the terminal’s font, in points.', { minimum: 4, maximum: 96 }),
  row('terminal', 'scrollback', ['ssh'], 'integer', 'How many lines the viewer keeps above the screen.', { minimum: 0, maximum: 100000, default: '5000' }),
  row('clipboard', 'disable-copy', ALL, 'boolean', 'Keeps the target’s clipboard from the viewer; the node enforces it.', { default: 'false' }),
  row('clipboard', 'disable-paste', ALL, 'boolean', 'Keeps the viewer’s clipboard from the target; the node enforces it.', { default: 'false' }),
  row('clipboard', 'read-only', ALL, 'boolean', 'Lets the viewer watch: keys, pointer and clipboard do not reach the target.', { default: 'false' }),
  row('desktop', 'color-depth', DESKTOP, 'choice', 'Bits per pixel to ask the target for.', { values: ['8', '16', '24', '32'] }),
  row('desktop', 'enable-audio', ALL, 'boolean', 'Plays the sound of a VNC target.', { default: 'false', support: 'planned' }),
  row('certificate', 'ignore-cert', DESKTOP, 'boolean', 'Accepts any certificate of the target; whoever is in between can read everything then.', { default: 'false' }),
  row('rdp', 'domain', ['rdp'], 'text', 'Domain to sign in to.'),
  row('rdp', 'security', ['rdp'], 'choice', 'How the connection is secured and the user authenticated.', { values: ['any', 'nla', 'nla-ext', 'tls', 'vmconnect', 'rdp'], default: 'any' }),
  row('rdp', 'resize-method', ['rdp'], 'choice', 'What happens when the window changes its size.', { values: ['display-update', 'reconnect'], default: 'display-update' }),
  row('rdp', 'enable-wallpaper', ['rdp'], 'boolean', 'Shows the wallpaper.', { default: 'false' }),
  row('rdp', 'enable-font-smoothing', ['rdp'], 'boolean', 'Smooths fonts.', { default: 'false' }),
  row('vnc', 'encodings', ['vnc'], 'text', 'Encodings to ask for, separated by spaces; the best that both know unless set.'),
  row('recording', 'recording-path', ALL, 'text', 'Directory for recordings on the machine of guacd; there is none here.', { support: 'ignored' }),
];

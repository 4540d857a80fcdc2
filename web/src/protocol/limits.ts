/** Every limit and every timeout of the session client, with its unit. */

/** The version of the session protocol that this client speaks. */
export const PROTOCOL_VERSION = 1;

/** No message of either side is longer, in bytes. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;

/** Input that is kept until the node has taken it, in bytes; of more, what a lost way loses stays lost. */
export const INPUT_KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** How long what is typed after the way was lost is kept for the next, in ms. */
export const TYPE_AHEAD_MS = 5_000;

/** Longest piece of input in one message, in bytes; longer input is cut into several. */
export const INPUT_BYTES_MAX = 32 * 1024;

/**
 * How much output may be on its way and not drawn yet, in bytes. What is in
 * the window has to be drawn before the answer to Ctrl-C shows; a tenth of a
 * second of round trip still moves 2.5 MB a second.
 */
export const TERMINAL_WINDOW_BYTES = 256 * 1024;

/** Drawn output is acknowledged when this much has gathered, in bytes. */
export const ACK_BYTES = TERMINAL_WINDOW_BYTES / 4;

/** Drawn output is acknowledged at the latest after this time, in ms. */
export const ACK_DELAY_MS = 25;

/** A terminal's new size is told when it has been still for this long, in ms. */
export const RESIZE_DELAY_MS = 50;

/** A desktop's new size is told when it has been still for this long, in ms: it costs the target more. */
export const DESKTOP_RESIZE_DELAY_MS = 150;

/** Longest piece of a text for a clipboard in one message, in bytes. */
export const CLIPBOARD_PIECE_BYTES_MAX = 256 * 1024;

/** Longest text of a clipboard either way, in bytes; a connection's policy may set less. */
export const CLIPBOARD_BYTES_MAX = 50 * 1024 * 1024;

/** Longest piece of typed text in one message, in bytes. */
export const TEXT_BYTES_MAX = 4 * 1024;

/** Longest name of a key, in bytes. */
export const KEY_NAME_BYTES_MAX = 64;

/** Frame marks that wait for their presentation; a node keeps but a few on their way. */
export const MARKS_MAX = 64;

/** Time for the control plane to give a ticket, in ms. */
export const TICKET_TIMEOUT_MS = 15_000;

/** Time for the edge to accept the websocket, in ms. */
export const OPEN_TIMEOUT_MS = 15_000;

/** Time for the node to answer `Hello`, in ms. */
export const WELCOME_TIMEOUT_MS = 20_000;

/** Time between the first few latency probes, in ms. */
export const PING_FIRST_MS = 500;

/** Time between two latency probes, in ms. */
export const PING_INTERVAL_MS = 5_000;

/** A probe without an answer for this long means a dead way, in ms. */
export const PONG_TIMEOUT_MS = 10_000;

/** A timer that fires this much late was held up by the tab, in ms. */
export const LATE_TIMER_MS = 2_000;

/** First wait before trying again, in ms; doubles with each try. */
export const RETRY_FIRST_MS = 300;

/** Longest wait before trying again, in ms. */
export const RETRY_MAX_MS = 15_000;

/** A first connection is given up after this time, in ms. */
export const CONNECT_GIVE_UP_MS = 45_000;

/** Nodes that one connection is handed on to at most. */
export const MOVES_MAX = 16;

/** A lost session is given up this long after its grace period, in ms. */
export const RECONNECT_SLACK_MS = 30_000;

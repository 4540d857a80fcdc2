/** The health of a node in words. */

type Words = { tag: string; about: string; look: 'good' | 'warn' | 'bad' | '' };

const HEALTH: Record<string, Words> = {
  ready: { tag: 'ready', look: 'good', about: 'Heard of lately, connected to an edge, with places free.' },
  no_tunnel: { tag: 'no tunnel', look: 'bad', about: 'Heard of lately, but connected to no edge: browsers cannot reach it.' },
  draining: { tag: 'stopping', look: 'warn', about: 'It is about to stop and takes no new connections.' },
  drained: { tag: 'drained', look: 'warn', about: 'An administrator lets it take no new connections.' },
  full: { tag: 'full', look: 'warn', about: 'Every place is taken.' },
  lost: { tag: 'lost', look: 'bad', about: 'Nothing was heard of it for too long.' },
};

/** A health that is not known is shown as it is. */
export function healthWords(health: string): Words {
  return HEALTH[health] ?? { tag: health, about: '', look: '' };
}

/** What stands between a new installation and the first person at a machine. */

export type Step = { id: string; title: string; words: string; href: string; done: boolean };

type Facts = { counts: Record<string, number>; nodes: readonly { health: string }[] };

/** The steps in their order, and which are done. */
export function firstSteps({ counts, nodes }: Facts): Step[] {
  const count = (word: string): number => counts[word] ?? 0;
  const ready = nodes.some(({ health }) => health === 'ready' || health === 'full');
  return [
    {
      id: 'outpost',
      title: 'A node that reaches your machines',
      words: 'Make an outpost for their network and start a node there with the command it shows.',
      href: count('outpost') === 0 ? '/admin/outposts/new' : '/admin/outposts',
      done: ready,
    },
    {
      id: 'provider',
      title: 'A provider',
      words: 'It gathers endpoints that are reached alike and says through which outposts.',
      href: '/admin/providers/new',
      done: count('provider') > 0,
    },
    {
      id: 'endpoint',
      title: 'An endpoint',
      words: 'One machine: its host, its protocol, and the settings to sign in with.',
      href: '/admin/endpoints/new',
      done: count('endpoint') > 0,
    },
    {
      id: 'application',
      title: 'An application',
      words: 'What people see on their start page; it leads to the endpoints of its provider.',
      href: '/admin/applications/new',
      done: count('application') > 0,
    },
    {
      id: 'people',
      title: 'People',
      words: 'Make users, or let them sign in through a source. Bind a group to the application to say who may.',
      href: count('source') === 0 && count('user') > 1 ? '/admin/users' : '/admin/users/new',
      done: count('user') > 1 || count('source') > 0,
    },
  ];
}

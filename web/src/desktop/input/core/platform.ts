/** What the viewer runs on, as far as keys differ there. */

export type Platform = 'mac' | 'windows' | 'other';

/** From `navigator.platform`; iPads with a keyboard behave as Macs do. */
export function platformOf(name: string): Platform {
  if (/Mac|iPhone|iPad|iPod/.test(name)) return 'mac';
  return name.startsWith('Win') ? 'windows' : 'other';
}

/** Where passkeys work: they belong to a domain, so an address of numbers cannot have any. */

/** Whether passkeys can belong to `hostname`, as `location.hostname` writes it. */
export function isPasskeyDomain(hostname: string): boolean {
  const isV4 = /^\d+(\.\d+){3}$/.test(hostname);
  return hostname !== '' && !isV4 && !hostname.startsWith('[');
}

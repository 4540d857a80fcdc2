/** A browser's description of itself in two words, as far as it can be told. */
export function browserOf(agent: string): string {
  if (agent === '') return 'unknown';
  const browsers: [RegExp, string][] = [
    [/Edg(?:e|A|iOS)?\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\/|FxiOS/, 'Firefox'],
    [/Chrom(?:e|ium)\/|CriOS/, 'Chrome'],
    [/Safari\//, 'Safari'],
  ];
  const systems: [RegExp, string][] = [
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac/, 'macOS'],
    [/CrOS/, 'ChromeOS'],
    [/Linux|X11/, 'Linux'],
  ];
  const of = (known: [RegExp, string][]): string | undefined => known.find(([sign]) => sign.test(agent))?.[1];
  const words = [of(browsers), of(systems)].filter((word) => word !== undefined);
  return words.length > 0 ? words.join(' on ') : agent.slice(0, 40);
}

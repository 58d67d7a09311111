/** What a suggested command builds: all of an asset, its bars, or its EMAs. */
export type Rebuilt = 'all' | 'bars' | 'emas';

const VERBS: Readonly<Record<Rebuilt, string>> = { all: 'refresh --all', bars: 'bars', emas: 'emas' };
/** EMAs of an asset whose history ended long ago are built only with this flag; for other assets it changes nothing. */
const WHATEVER_AGE: Readonly<Record<Rebuilt, string>> = {
  all: ' --skip-stale-check',
  bars: '',
  emas: ' --skip-stale-check',
};

/**
 * The command that brings an asset up to date, as the operator types it. It names neither zone nor periods: these are settings of
 * the database, so that the printed command builds what is stored there, even much later.
 */
export function refreshCommand(what: Rebuilt): string {
  return `\`ta ${VERBS[what]} --ids <id>${WHATEVER_AGE[what]}\``;
}

/** The command that rebuilds an asset from its first day; see {@link refreshCommand}. */
export function rebuildCommand(what: Rebuilt): string {
  return `\`ta ${VERBS[what]} --ids <id>${WHATEVER_AGE[what]} --full-rebuild\``;
}

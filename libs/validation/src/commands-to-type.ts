/** What a finding asks to be done again: all of an asset, its bars, or its EMAs. */
export type Rebuilt = 'all' | 'bars' | 'emas';

const VERBS: Readonly<Record<Rebuilt, string>> = { all: 'refresh --all', bars: 'bars', emas: 'emas' };
/** EMAs of history that ends in the past are built only with it; to others it changes nothing. */
const WHATEVER_AGE: Readonly<Record<Rebuilt, string>> = {
  all: ' --skip-stale-check',
  bars: '',
  emas: ' --skip-stale-check',
};

/**
 * The command that brings an asset up to date, as the operator types it. It names no zone and no periods: what decides the
 * numbers is a setting of the database, so that a command typed as printed builds what is stored there, however old it is.
 */
export function refreshCommand(what: Rebuilt): string {
  return `\`ta ${VERBS[what]} --ids <id>${WHATEVER_AGE[what]}\``;
}

/** The command that builds an asset again from its first day; see {@link refreshCommand}. */
export function rebuildCommand(what: Rebuilt): string {
  return `\`ta ${VERBS[what]} --ids <id>${WHATEVER_AGE[what]} --full-rebuild\``;
}

/** What a finding asks to be done again: all of an asset, its bars, or its EMAs. */
export type Rebuilt = 'all' | 'bars' | 'emas';

const VERBS: Readonly<Record<Rebuilt, string>> = { all: 'refresh --all', bars: 'bars', emas: 'emas' };

/**
 * The command that brings an asset up to date, as the operator types it. It names no zone and no periods: what decides the
 * numbers is a setting of the database, so that a command typed as printed builds what is stored there.
 */
export function refreshCommand(what: Rebuilt): string {
  return `\`ta ${VERBS[what]} --ids <id>\``;
}

/** The command that builds an asset again from its first day; see {@link refreshCommand}. */
export function rebuildCommand(what: Rebuilt): string {
  return `\`ta ${VERBS[what]} --ids <id> --full-rebuild\``;
}

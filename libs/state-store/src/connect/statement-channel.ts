import { channel } from 'node:diagnostics_channel';

const statements = channel('ta.statement');

/**
 * Tells whoever listens to the diagnostics channel `ta.statement` which text a session sends next; values are not told.
 * Without a listener it costs nothing.
 */
export function announceStatement(sql: string): void {
  if (statements.hasSubscribers) statements.publish(sql);
}

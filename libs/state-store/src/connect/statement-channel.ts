import { channel } from 'node:diagnostics_channel';

const statements = channel('ta.statement');

/**
 * Publishes on the diagnostics channel `ta.statement` which text a session sends next, without its values.
 * Without a listener it costs nothing.
 */
export function announceStatement(sql: string): void {
  if (statements.hasSubscribers) statements.publish(sql);
}

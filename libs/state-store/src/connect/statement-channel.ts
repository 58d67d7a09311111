import { channel } from 'node:diagnostics_channel';

const statements = channel('ta.statement');
const messages = channel('ta.message');

/**
 * Publishes on the diagnostics channel `ta.statement` which text a session sends next, without its values.
 * Without a listener it costs nothing.
 */
export function announceStatement(sql: string): void {
  if (statements.hasSubscribers) statements.publish(sql);
}

/** Publishes on the diagnostics channel `ta.message` the number of statements in the message that is sent to a server next. */
export function announceMessage(count: number): void {
  if (messages.hasSubscribers) messages.publish(count);
}

const files = channel('ta.file');

/**
 * Publishes on the diagnostics channel `ta.file` that an embedded database reads or writes a file. During a long statement these
 * are the only moments in which other code of the program can run. Without a listener it costs nothing.
 */
export function announceFileAccess(): void {
  if (files.hasSubscribers) files.publish(undefined);
}

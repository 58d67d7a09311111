import { createHash } from 'node:crypto';
import { type MergedAlert } from './event.ts';
import { type LastSent } from './ports.ts';
import { type AlertSeverity, isMoreUrgent } from './threshold.ts';

const MINUTE_MS = 60_000;

/** Window in which an alert is not repeated, when none is configured. */
export const DEFAULT_DEDUP_WINDOW_MS = 60 * MINUTE_MS;

/** A CRITICAL alert repeats after 15 minutes at the latest. */
const CRITICAL_DEDUP_WINDOW_MS = 15 * MINUTE_MS;

/**
 * Identifies "the same condition": SHA-256 in hex of event, component, sorted ids and check name.
 * Severity, wording and run do not count.
 */
export function dedupKey(alert: Pick<MergedAlert, 'event' | 'component' | 'ids' | 'check'>): string {
  const ids = [...new Set(alert.ids)].sort((a, b) => a - b);
  // JSON keeps the parts apart: no two different conditions share a text
  const parts = JSON.stringify([alert.event, alert.component ?? '', ids, alert.check ?? '']);
  return createHash('sha256').update(parts).digest('hex');
}

/** Window of a severity in ms; 0 switches deduplication off for CRITICAL, too. */
export function dedupWindowMs(severity: AlertSeverity, configuredMs: number): number {
  return severity === 'CRITICAL' ? Math.min(configuredMs, CRITICAL_DEDUP_WINDOW_MS) : configuredMs;
}

/**
 * Whether an alert repeats one that was sent less than its window ago; at the window's very end it goes out again.
 * A condition that became more urgent since its last message is sent again. If the last message is stamped in the future (the
 * clock was set back), it silences the key only within one window before and after its stamp, not until the stamp is reached.
 *
 * @param last the last message with the same key, null when there is none
 */
export function isRepeat(last: LastSent | null, severity: AlertSeverity, nowMs: number, configuredMs: number): boolean {
  if (last === null || isMoreUrgent(severity, last.severity)) return false;
  return Math.abs(nowMs - last.sentAtMs) < dedupWindowMs(severity, configuredMs);
}

/** Severities from the least to the most urgent (docs/operations.md#alerts). */
export const ALERT_SEVERITIES = ['INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;

/** How urgent an alert is. */
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** The threshold when none is configured: ERROR and CRITICAL go out, WARNING and INFO do not. */
export const DEFAULT_MIN_SEVERITY: AlertSeverity = 'ERROR';

/** Whether `left` is more urgent than `right`. */
export function isMoreUrgent(left: AlertSeverity, right: AlertSeverity): boolean {
  return compareUrgency(left, right) < 0;
}

/** Orders severities for sorting, the most urgent first. */
export function compareUrgency(left: AlertSeverity, right: AlertSeverity): number {
  return ALERT_SEVERITIES.indexOf(right) - ALERT_SEVERITIES.indexOf(left);
}

/**
 * Whether an alert of this severity goes out under this threshold; CRITICAL goes out under any (docs/operations.md#alerts).
 */
export function passesThreshold(severity: AlertSeverity, minSeverity: AlertSeverity): boolean {
  return severity === 'CRITICAL' || !isMoreUrgent(minSeverity, severity);
}

/** Reads a severity label in any case, surrounding blanks ignored; null for any other text. */
export function parseSeverity(text: string): AlertSeverity | null {
  const label = text.trim().toUpperCase();
  return ALERT_SEVERITIES.find((severity) => severity === label) ?? null;
}

import { ALERT_SEVERITIES, isMoreUrgent, type AlertSeverity } from '@ta/alerts';

/** The severities of findings, mildest first; they are those of alerts. */
export const SEVERITIES = ALERT_SEVERITIES;
/** One of {@link SEVERITIES}. */
export type Severity = AlertSeverity;

/** Whether `severity` is as bad as `threshold` or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return !isMoreUrgent(threshold, severity);
}

/** The worst of some severities; null without any. */
export function worstOf(severities: Iterable<Severity>): Severity | null {
  let worst: Severity | null = null;
  for (const severity of severities) if (worst === null || isAtLeast(severity, worst)) worst = severity;
  return worst;
}

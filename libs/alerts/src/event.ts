import { type AlertSeverity, isMoreUrgent } from './threshold.ts';

/** Everything that can raise an alert, with its usual severity (docs/operations.md#alerts). */
export const ALERT_EVENTS = {
  db_connection: 'CRITICAL',
  ohlc_corruption: 'CRITICAL',
  schema_mismatch: 'CRITICAL',
  component_failed: 'ERROR',
  component_timeout: 'ERROR',
  /** A run that did not start, or that failed outside of a component, so that no other event reports it. */
  run_failed: 'ERROR',
  /** An earlier run ended unexpectedly. */
  run_crashed: 'ERROR',
  validation_failed: 'ERROR',
  ema_bounds: 'ERROR',
  missing_data: 'ERROR',
  bars_stale: 'WARNING',
  backfill_detected: 'WARNING',
  run_ok: 'INFO',
  run_recovered: 'INFO',
  /** An operator asked for it, to see that alerts arrive. */
  test: 'INFO',
} as const satisfies Record<string, AlertSeverity>;

/** The name of an event of {@link ALERT_EVENTS}. */
export type AlertEventName = keyof typeof ALERT_EVENTS;

/** Something an operator may have to know (docs/operations.md#alerts). */
export interface AlertEvent {
  readonly event: AlertEventName;
  readonly severity: AlertSeverity;
  /** One line of plain text; markup in it is shown as it is. */
  readonly title: string;
  /** Plain text lines that say what happened and what to do. */
  readonly body: readonly string[];
  /** Single cases; the first five are shown, the others counted. */
  readonly details?: readonly string[];
  /** Asset ids concerned, in any order. */
  readonly ids?: readonly number[];
  /** `bars`, `emas`, `validation`; absent when the run as a whole is meant. */
  readonly component?: string;
  /** Distinguishes the conditions of one event: the code of the failed check, or of the error that ended a run. */
  readonly check?: string;
  readonly runId: string;
  /** Plain data for the log; never part of the message. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Facts that make some events more urgent than usual. */
export interface SeverityFacts {
  /** `bars_stale`: how many of the requested ids are stale, and how many were requested. */
  readonly staleCount?: number;
  readonly requestedCount?: number;
  /** `validation_failed`: the worst severity among the failed checks. */
  readonly worstFinding?: AlertSeverity;
}

/**
 * The severity of an event: its usual one, raised to ERROR when every requested id is stale and to CRITICAL when a
 * critical check failed (docs/operations.md#alerts).
 */
export function severityOf(event: AlertEventName, facts: SeverityFacts = {}): AlertSeverity {
  const usual = ALERT_EVENTS[event];
  if (event === 'bars_stale') {
    const { staleCount = 0, requestedCount = 0 } = facts;
    return requestedCount > 0 && staleCount >= requestedCount ? 'ERROR' : usual;
  }
  if (event === 'validation_failed' && facts.worstFinding !== undefined) {
    return isMoreUrgent(facts.worstFinding, usual) ? facts.worstFinding : usual;
  }
  return usual;
}

/** Several events of one (event, component), joined into one alert. */
export interface MergedAlert extends AlertEvent {
  readonly body: readonly string[];
  readonly details: readonly string[];
  /** Ascending, each once. */
  readonly ids: readonly number[];
}

/**
 * Joins events of one (event, component) and run into the one alert they are reported as (docs/operations.md): title and body
 * are those of the most urgent event (the earliest of equals), ids are united, and lines of the other events become details.
 *
 * @param events at least one
 */
export function mergeEvents(events: readonly [AlertEvent, ...AlertEvent[]]): MergedAlert {
  const lead = events.reduce((worst, event) => (isMoreUrgent(event.severity, worst.severity) ? event : worst));
  const told = new Set([lead.title, ...lead.body]);
  const details = new Set(lead.details);
  for (const event of events) {
    if (event === lead) continue;
    for (const line of [event.title, ...event.body, ...(event.details ?? [])]) if (!told.has(line)) details.add(line);
  }
  const ids = [...new Set(events.flatMap((event) => event.ids ?? []))].sort((a, b) => a - b);
  const checks = [...new Set(events.flatMap((event) => event.check ?? []))].sort();
  return { ...lead, details: [...details], ids, check: checks.length === 0 ? undefined : checks.join(',') };
}

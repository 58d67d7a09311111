import { ALERT_EVENTS, type AlertEvent, type AlertEventName, severityOf } from './event.ts';
import { type Scrub, scrubData } from './secret.ts';
import { parseSeverity } from './threshold.ts';

/**
 * Makes an event fit to be shown: every text is scrubbed, and parts of a wrong type, which a caller without types may pass,
 * are replaced instead of failing, because the alert matters more than its shape.
 *
 * @throws TypeError when the value is null or undefined
 */
export function readableEvent(event: AlertEvent, scrub: Scrub): AlertEvent {
  const text = (value: unknown, fallback = '') => scrub(typeof value === 'string' && value !== '' ? value : fallback);
  const lines = (value: unknown) => (Array.isArray(value) ? value.map((line) => scrub(String(line))) : []);
  const name = text(event.event, 'test') as AlertEventName;
  const usual = name in ALERT_EVENTS ? severityOf(name) : 'ERROR';
  return {
    event: name,
    severity: (typeof event.severity === 'string' ? parseSeverity(event.severity) : null) ?? usual,
    title: text(event.title, name),
    body: typeof event.body === 'string' ? lines([event.body]) : lines(event.body),
    details: lines(event.details),
    ids: Array.isArray(event.ids) ? event.ids.map(Number).filter(Number.isFinite) : [],
    component: event.component === undefined ? undefined : text(event.component),
    check: event.check === undefined ? undefined : text(event.check),
    runId: text(event.runId, 'unknown'),
    context: event.context === undefined ? undefined : (scrubData(event.context, scrub) as Record<string, unknown>),
  };
}

import { type AlertErrorCode } from './errors.ts';
import { type AlertEvent, mergeEvents, type MergedAlert } from './event.ts';
import { type AlertClock } from './ports.ts';
import { type AlertSeverity, isMoreUrgent } from './threshold.ts';

/**
 * What became of an event.
 *
 * - `sent` it is in the chat, alone or together with others of its (event, component)
 * - `digested` the run has reached its limit of messages, and the event is part of the one digest that `drain` sends
 * - `deduplicated` the chat already has this alert, from less than a window ago or from this run
 * - `below_threshold` its severity is not sent; `not_configured` there is no chat
 * - `failed` it could not be delivered; the reason is one line, free of secrets
 */
export type AlertOutcome =
  | { readonly kind: 'sent' | 'digested' | 'deduplicated' | 'below_threshold' | 'not_configured' }
  | { readonly kind: 'failed'; readonly code: AlertErrorCode; readonly reason: string };

/** Events that are sent as one message. */
export interface AlertGroup {
  /** Identifies (run, event, component). */
  readonly key: string;
  readonly events: [AlertEvent, ...AlertEvent[]];
  readonly createdAtMs: number;
  /** An operator asked for it: neither deduplication nor the limit of messages applies. */
  readonly isForced: boolean;
  /** Resolves the promises of all events in the group. */
  settle(outcome: AlertOutcome): void;
}

/** Collects events until they are sent. */
export interface Outbox {
  /** Joins the waiting group of the event's (event, component), or starts one; resolves when the group is settled. */
  add(event: AlertEvent): Promise<AlertOutcome>;
  /** Puts an event into a group of its own, which is ready at once. */
  addForced(event: AlertEvent): Promise<AlertOutcome>;
  /** Removes the most urgent ready group, the oldest of equals. */
  take(): AlertGroup | undefined;
  /** While `isHurried`, every group is ready at once, those that wait now included. */
  hurry(isHurried: boolean): void;
}

/**
 * Makes an outbox. A group is ready when `collectMs` have passed since its first event, so that a step that fails for many
 * ids in a row sends one message; events still join a ready group until `take` removes it.
 *
 * @param onReady called whenever a group becomes ready
 */
export function createOutbox(clock: AlertClock, collectMs: number, onReady: () => void): Outbox {
  const waiting = new Map<string, WaitingGroup>();
  let isHurried = false;
  let forcedCount = 0;

  function start(key: string, event: AlertEvent, isForced: boolean): WaitingGroup {
    const group = new WaitingGroup(key, event, clock.nowMs(), isForced);
    waiting.set(key, group);
    if (isForced || isHurried || collectMs <= 0) group.isReady = true;
    // only `hurry` ends an infinite window
    else if (Number.isFinite(collectMs)) void collect(group);
    return group;
  }

  async function collect(group: WaitingGroup): Promise<void> {
    await clock.sleep(collectMs, group.closed.signal);
    if (group.isReady || waiting.get(group.key) !== group) return;
    group.isReady = true;
    onReady();
  }

  function join(key: string, event: AlertEvent, isForced: boolean): Promise<AlertOutcome> {
    const group = waiting.get(key);
    if (group !== undefined) {
      group.events.push(event);
      return group.settled;
    }
    const { isReady, settled } = start(key, event, isForced);
    if (isReady) onReady();
    return settled;
  }

  return {
    add: (event) => join(groupKey(event), event, false),
    addForced: (event) => join(`forced ${forcedCount++}`, event, true),
    take() {
      let next: WaitingGroup | undefined;
      for (const group of waiting.values()) {
        if (group.isReady && (next === undefined || isMoreUrgent(group.severity, next.severity))) next = group;
      }
      if (next !== undefined) waiting.delete(next.key);
      return next;
    },
    hurry(isHurriedNow) {
      isHurried = isHurriedNow;
      if (!isHurried || waiting.size === 0) return;
      for (const group of waiting.values()) {
        group.isReady = true;
        group.closed.abort();
      }
      onReady();
    },
  };
}

/** The alert a group is reported as. */
export function alertOf(group: AlertGroup): MergedAlert {
  return mergeEvents(group.events);
}

class WaitingGroup implements AlertGroup {
  readonly events: [AlertEvent, ...AlertEvent[]];
  readonly closed = new AbortController();
  readonly settled: Promise<AlertOutcome>;
  isReady = false;
  private answer!: (outcome: AlertOutcome) => void;

  constructor(
    readonly key: string,
    first: AlertEvent,
    readonly createdAtMs: number,
    readonly isForced: boolean,
  ) {
    this.events = [first];
    this.settled = new Promise((resolve) => (this.answer = resolve));
  }

  get severity(): AlertSeverity {
    return this.events.reduce<AlertSeverity>(
      (worst, event) => (isMoreUrgent(event.severity, worst) ? event.severity : worst),
      'INFO',
    );
  }

  settle(outcome: AlertOutcome): void {
    this.answer(outcome);
  }
}

function groupKey({ runId, event, component }: AlertEvent): string {
  return JSON.stringify([runId, event, component ?? '']);
}

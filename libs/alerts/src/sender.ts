import { type Budget } from './budget.ts';
import { dedupKey, isRepeat } from './dedup.ts';
import { type AlertErrorCode } from './errors.ts';
import { type MergedAlert } from './event.ts';
import { formatAlert, formatDigest } from './format.ts';
import { type AlertLimits } from './limits.ts';
import { type AlertGroup, alertOf, type AlertOutcome } from './outbox.ts';
import { type AlertClock, type AlertLedger, type AlertLog } from './ports.ts';
import { type Delivery, type TelegramChat } from './telegram.ts';
import { type AlertSeverity, compareUrgency } from './threshold.ts';

/** Counts of one run; several events joined into one message count as one alert. */
export interface AlertSummary {
  /** Alerts that reached the chat, those in the digest included. */
  readonly sent: number;
  /** Alerts held back as repetitions. */
  readonly suppressed: number;
  readonly failed: number;
  /** Events below the threshold, and events without a configured chat: neither became an alert. */
  readonly belowThreshold: number;
  readonly notConfigured: number;
}

/** What a sender is made of. */
export interface SenderOptions {
  readonly chat: TelegramChat;
  /** A ledger whose methods never reject. */
  readonly ledger: AlertLedger;
  readonly clock: AlertClock;
  readonly budget: Budget;
  readonly limits: AlertLimits;
  readonly dedupWindowMs: number;
  readonly host: string;
  readonly log: AlertLog;
  readonly count: (what: 'sent' | 'suppressed' | 'failed') => void;
}

/** Brings alerts to the chat, one after the other. */
export interface Sender {
  /** Settles the group; never rejects. */
  deliver(group: AlertGroup): Promise<void>;
  /** Whether alerts wait for the digest. */
  hasSurplus(): boolean;
  /** Sends the alerts that wait for the digest, as one message; never rejects. */
  deliverSurplus(): Promise<void>;
}

interface Draft {
  readonly group: AlertGroup;
  readonly alert: MergedAlert;
  readonly key: string;
  readonly suppressedCount: number;
}

/** Makes the sender of one run. */
export function createSender(options: SenderOptions): Sender {
  const { chat, ledger, clock, budget, limits, log } = options;
  const toldInThisRun = new Map<string, AlertSeverity>();
  const surplus: Draft[] = [];
  let messageCount = 0;
  let lastMessageMs = Number.NEGATIVE_INFINITY;

  async function deliver(group: AlertGroup): Promise<void> {
    const alert = alertOf(group);
    const draft: Draft = { group, alert, key: dedupKey(alert), suppressedCount: 0 };
    try {
      await deliverDraft(draft);
    } catch {
      // what was thrown may quote anything, so it is not shown
      await fail(draft, 'ALERT_INTERNAL', 'defect in a port or in the alerter');
    }
  }

  async function deliverDraft(draft: Draft): Promise<void> {
    const { group, alert, key } = draft;
    if (group.isForced) return await send([draft]);
    if (budget.remainingMs() <= 0) return await fail(draft, 'ALERT_BUDGET', 'no time left for alerts');
    if (isToldInThisRun(group, alert)) return await hold(draft);
    const last = await ledger.findLastSent(key);
    if (isRepeat(last, alert.severity, clock.nowMs(), options.dedupWindowMs)) return await hold(draft);
    const suppressedCount = last === null ? 0 : await ledger.countSuppressed(key, last.sentAtMs);
    const complete = { ...draft, suppressedCount };
    if (messageCount < limits.messagesPerRun - 1) return await send([complete]);
    if (messageCount >= limits.messagesPerRun) {
      return await fail(draft, 'ALERT_LIMIT', `more than ${limits.messagesPerRun} messages in this run`);
    }
    // the last message of the run is kept for the digest
    surplus.push(complete);
    toldInThisRun.set(group.key, alert.severity);
    group.settle({ kind: 'digested' });
  }

  async function deliverSurplus(): Promise<void> {
    const drafts = surplus.splice(0);
    drafts.sort((a, b) => compareUrgency(a.alert.severity, b.alert.severity));
    try {
      await send(drafts);
    } catch {
      for (const draft of drafts) await fail(draft, 'ALERT_INTERNAL', 'defect in a port or in the alerter');
    }
  }

  async function send(drafts: readonly Draft[]): Promise<void> {
    await keepGap();
    messageCount++;
    const delivery = await chat.send(textOf(drafts), budget);
    lastMessageMs = clock.monotonicMs();
    for (const draft of drafts) await settleDelivered(draft, delivery);
  }

  function textOf(drafts: readonly Draft[]): string {
    const frame = { host: options.host, atMs: clock.nowMs() };
    const [first] = drafts;
    if (drafts.length > 1) return formatDigest(drafts, frame);
    return formatAlert(first.alert, { ...frame, suppressedCount: first.suppressedCount });
  }

  async function settleDelivered(draft: Draft, delivery: Delivery): Promise<void> {
    if (!delivery.isDelivered) return await fail(draft, delivery.code, delivery.reason);
    options.count('sent');
    log('info', 'alert sent', fieldsOf(draft.alert));
    toldInThisRun.set(draft.group.key, draft.alert.severity);
    await settle(draft, { kind: 'sent' }, 'sent');
  }

  async function hold(draft: Draft): Promise<void> {
    options.count('suppressed');
    log('info', 'alert not repeated', fieldsOf(draft.alert));
    await settle(draft, { kind: 'deduplicated' }, 'deduplicated');
  }

  async function fail(draft: Draft, code: AlertErrorCode, reason: string): Promise<void> {
    options.count('failed');
    log('warn', `alert not delivered: ${reason}`, { ...fieldsOf(draft.alert), code });
    await settle(draft, { kind: 'failed', code, reason }, `failed(${reason})`);
  }

  async function settle(draft: Draft, outcome: AlertOutcome, recorded: string): Promise<void> {
    const { alert, group, key } = draft;
    const isSent = outcome.kind === 'sent';
    const nowMs = clock.nowMs();
    await ledger.record({
      dedupKey: key,
      event: alert.event,
      severity: alert.severity,
      title: alert.title,
      body: [...alert.body, ...alert.details].join('\n'),
      runId: alert.runId,
      outcome: recorded,
      suppressedCount: isSent ? draft.suppressedCount : 0,
      // a row that was not sent is stamped now: `countSuppressed` must find it after the message that it repeats
      createdAtMs: isSent ? Math.min(group.createdAtMs, nowMs) : nowMs,
      sentAtMs: isSent ? nowMs : null,
    });
    group.settle(outcome);
  }

  /** A condition is reported once in a run; it is reported again only when it becomes critical. */
  function isToldInThisRun(group: AlertGroup, alert: MergedAlert): boolean {
    const told = toldInThisRun.get(group.key);
    return told !== undefined && !(alert.severity === 'CRITICAL' && told !== 'CRITICAL');
  }

  async function keepGap(): Promise<void> {
    const waitMs = lastMessageMs + limits.messageGapMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, budget.signal);
  }

  return { deliver, hasSurplus: () => surplus.length > 0, deliverSurplus };
}

/** The fields of an alert in the log, with all ids, of which a message shows only the first. */
export function fieldsOf(alert: MergedAlert): Record<string, unknown> {
  const { event, severity, title, ids, component, check, runId, context } = alert;
  return { event, severity, title, ids, component, check, runId, context };
}

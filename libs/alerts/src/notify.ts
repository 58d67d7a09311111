import { createBudget } from './budget.ts';
import { type AlertConfig, type TelegramTarget } from './config.ts';
import { type AlertEvent, mergeEvents } from './event.ts';
import { createGuardedLedger } from './guarded-ledger.ts';
import { type AlertLimits, DEFAULT_LIMITS } from './limits.ts';
import { type AlertOutcome, createOutbox } from './outbox.ts';
import { type AlertLog, type AlertLogLevel, type AlertPorts } from './ports.ts';
import { readableEvent } from './readable-event.ts';
import { createScrub, type Scrub, scrubData } from './secret.ts';
import { type AlertSummary, createSender, fieldsOf } from './sender.ts';
import { createTelegramChat } from './telegram.ts';
import { type AlertSeverity, passesThreshold } from './threshold.ts';

/** Notifies the operator; a failure to do so never affects the run. */
export interface Alerter {
  /**
   * Takes an event and returns at once; the promise resolves when it is known what became of the event, and never rejects. A
   * run does not await it: `drain` waits for everything.
   */
  notify(event: AlertEvent): Promise<AlertOutcome>;
  /** Sends an event past threshold, deduplication and collecting (`ta alerts test`); never rejects. */
  notifyNow(event: AlertEvent): Promise<AlertOutcome>;
  /**
   * Sends what is waiting and resolves when all of it is settled or the time is over; what is left then counts as failed. Call
   * it once, at the end of a run and before the ledger's database is closed; it never rejects.
   *
   * @param budgetMs most time this may take; the budget of the run applies as well
   */
  drain(budgetMs?: number): Promise<AlertSummary>;
}

/** What an alerter is made of. */
export interface AlerterOptions {
  readonly config: AlertConfig;
  readonly ports: AlertPorts;
  /** Deviations from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<AlertLimits>;
}

const LOG_LEVEL: Readonly<Record<AlertSeverity, AlertLogLevel>> = {
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
};

/** Least time a call of a ledger gets, even with no budget left, so that the last failures of a run are still recorded. */
const MIN_LEDGER_TIMEOUT_MS = 250;

/**
 * Makes the alerter of one run: events below the threshold are dropped, those of one (event, component)
 * become one message, repetitions of sent messages are held back, and the rest is sent off the critical path.
 * Logs the configuration's notices.
 *
 * @example
 * ```ts
 * const alerter = createAlerter({ config: readAlertConfig(env), ports });
 * void alerter.notify({ event: 'component_failed', severity: 'ERROR', title: 'emas failed', body: [], runId });
 * const summary = await alerter.drain();
 * ```
 */
export function createAlerter({ config, ports, limits: deviations }: AlerterOptions): Alerter {
  const limits = { ...DEFAULT_LIMITS, ...deviations };
  const scrub = createScrub(config.telegram?.botToken ?? null, ports.redact);
  const log = safeLog(ports.log, scrub);
  for (const notice of config.notices) log(notice.level, notice.message, { event: 'alert_config' });

  const counts = { sent: 0, suppressed: 0, failed: 0, belowThreshold: 0, notConfigured: 0 };
  const delivery = config.telegram === null ? null : startDelivery(config.telegram);

  function startDelivery(target: TelegramTarget) {
    const { clock, transport } = ports;
    const budget = createBudget(clock, limits.budgetMs);
    const ledger = createGuardedLedger({
      ledger: ports.ledger,
      fallbackLedger: ports.fallbackLedger ?? null,
      clock,
      timeoutMs: () => Math.min(limits.ledgerTimeoutMs, Math.max(budget.remainingMs(), MIN_LEDGER_TIMEOUT_MS)),
      onFailure: (part, thrown) => log('warn', `alert ${part} not usable`, { cause: scrubData(thrown, scrub) }),
    });
    const sender = createSender({
      chat: createTelegramChat({ target, transport, clock, scrub, requestTimeoutMs: limits.requestTimeoutMs }),
      ledger,
      clock,
      budget,
      limits,
      dedupWindowMs: config.dedupWindowMs,
      host: scrub(ports.host),
      log,
      count: (what) => counts[what]++,
    });
    const outbox = createOutbox(clock, limits.collectMs, work);
    let working: Promise<void> | null = null;
    let isFinishing = false;

    function work(): void {
      working ??= workThrough();
    }

    async function workThrough(): Promise<void> {
      // the caller of notify goes on before anything is sent
      await Promise.resolve();
      budget.resume();
      for (;;) {
        const group = outbox.take();
        if (group !== undefined) await sender.deliver(group);
        else if (isFinishing && sender.hasSurplus()) await sender.deliverSurplus();
        else break;
      }
      budget.pause();
      // nothing is awaited since the last take: a group that gets ready later finds no work in progress and starts it
      working = null;
    }

    async function finish(budgetMs: number): Promise<void> {
      const lift = budget.restrict(budgetMs);
      isFinishing = true;
      outbox.hurry(true);
      work();
      while (working !== null) await working;
      isFinishing = false;
      outbox.hurry(false);
      lift();
    }

    return { outbox, finish };
  }

  async function accept(event: AlertEvent, isForced: boolean): Promise<AlertOutcome> {
    try {
      const readable = readableEvent(event, scrub);
      if (!isForced && !passesThreshold(readable.severity, config.minSeverity)) {
        counts.belowThreshold++;
        log('debug', `alert below the threshold: ${readable.title}`, fieldsOf(mergeEvents([readable])));
        return { kind: 'below_threshold' };
      }
      if (delivery === null) {
        counts.notConfigured++;
        log(LOG_LEVEL[readable.severity], `alert: ${readable.title}`, fieldsOf(mergeEvents([readable])));
        return { kind: 'not_configured' };
      }
      return await (isForced ? delivery.outbox.addForced(readable) : delivery.outbox.add(readable));
    } catch {
      counts.failed++;
      log('warn', 'alert not delivered: the event cannot be read', {});
      return { kind: 'failed', code: 'ALERT_INTERNAL', reason: 'the event cannot be read' };
    }
  }

  let draining: Promise<void> = Promise.resolve();
  return {
    notify: (event) => accept(event, false),
    notifyNow: (event) => accept(event, true),
    async drain(budgetMs = limits.budgetMs) {
      draining = draining.then(() => delivery?.finish(budgetMs));
      await draining;
      return { ...counts };
    },
  };
}

/** A log that scrubs and cannot throw: a full disk must not turn an alert into a failed run. */
function safeLog(log: AlertLog, scrub: Scrub): AlertLog {
  return (level, message, fields) => {
    try {
      log(level, scrub(message), scrubData(fields, scrub) as Record<string, unknown>);
    } catch {
      return;
    }
  };
}

import { codeOf, hintOf, type Surroundings } from '@ta/cli-kit';
import type { AlertConfig, Alerter, AlertEvent, AlertSummary, OhlcCounts } from '@ta/alerts';
import type { ComponentReport, FreshnessResult, ItemOutcome, Notice, RefreshObserver, RunReport } from '@ta/pipeline';
import type { Database } from '@ta/state-store';
import type { Logger } from 'pino';
import { allObservers } from './log-observer.ts';
import { staleBarsText } from './report/stale-bars.ts';

/** The alerts of one run (docs/operations.md#alerts): raised during the run, sent in the background, and completed before it ends. */
export interface RunAlerts {
  /** Sets the database that records which alerts were sent; without one they are recorded in a file. */
  useDatabase(database: Database | null): void;
  /** Raises the events of docs/operations.md#alerts as they happen. */
  observer(runId: string, requestedIds: readonly number[], hasBars: boolean): RefreshObserver;
  /** Raises one event. */
  raise(event: AlertEvent): void;
  /** Raises an alert about earlier runs that ended without recording an outcome. */
  crashed(runId: string, crashedRunIds: readonly string[]): void;
  /** Must be called when the run is over. It makes sure that any failure raises an alert, unless somebody stopped the run. */
  ended(end: RunOutcome): void;
  /** Sends the alerts that are still waiting. Never throws. */
  drain(): Promise<AlertSummary>;
}

/** How a run ended. */
export type RunOutcome =
  | {
      readonly kind: 'finished';
      readonly report: RunReport;
      readonly isOk: boolean;
      readonly previousStatus: string | null;
    }
  /** The run did not start, or ended with an error outside of any component. */
  | { readonly kind: 'broken'; readonly command: string; readonly exitCode: number; readonly error: unknown };

/** Codes of failures that mean that the database cannot be used. They decide the heading of an alert, not whether there is one. */
const DATABASE_GONE = [
  ...['STORE_UNREACHABLE', 'STORE_AUTHENTICATION', 'STORE_TOO_MANY_CONNECTIONS', 'STORE_DATABASE_MISSING'],
  ...['STORE_CONNECTION_LOST', 'STORE_TLS', 'CLI_TOO_MANY_CONNECTIONS'],
];

/**
 * Makes the alerts of a run.
 *
 * @param isEmbedded with one connection for everything, alerts wait for the end of the run
 */
export async function openRunAlerts(
  around: Surroundings,
  options: {
    readonly logger: Logger;
    readonly logFolder: string;
    readonly isSilent: boolean;
    readonly isEmbedded: boolean;
  },
): Promise<RunAlerts> {
  const alerts = await import('@ta/alerts');
  const { databaseLedger } = await import('@ta/pipeline');
  const { writeWholeFile } = await import('@ta/table-export');
  const configured = alerts.readAlertConfig(around.env);
  const config: AlertConfig = options.isSilent ? alerts.withoutDelivery(configured) : configured;
  let database: Database | null = null;
  const alerter: Alerter = alerts.createAlerter({
    config,
    limits: options.isEmbedded ? { collectMs: Number.POSITIVE_INFINITY } : {},
    ports: alerts.processPorts({
      folder: options.logFolder,
      replaceFile: writeWholeFile,
      ledger: databaseLedger(() => database),
      host: around.host,
      redact: around.redact,
      log: (level, message, fields) => {
        options.logger[level](fields, message);
        if (level === 'warn') around.warn(`[WARNING] ${message}`);
      },
    }),
  });
  const { corruptionEvent, findCorruption, passesThreshold, severityOf } = alerts;
  /** Whether something as bad as a failed run was reported. */
  let isTold = false;
  const raise: Raising['raise'] = (raised) => {
    const event = { severity: severityOf(raised.event), ...raised };
    isTold ||= passesThreshold(event.severity, 'ERROR');
    void alerter.notify(event);
  };

  return {
    useDatabase: (open) => void (database = open),
    raise,
    observer: (runId, requestedIds, hasBars) =>
      allObservers([
        eventObserver({ runId, requestedIds, hasBars, raise, severityOf }),
        corruptionWatch((counts) => {
          const corruption = findCorruption(counts, config.corruption);
          if (corruption !== null) raise(corruptionEvent(corruption, runId));
        }),
      ]),
    crashed(runId, crashedRunIds) {
      const title = 'An earlier run ended unexpectedly';
      for (const id of crashedRunIds) {
        const body = [`run ${id} never ended; marked as crashed`];
        raise({ event: 'run_crashed', title, body, check: id, runId });
      }
    },
    ended(end) {
      if (end.kind === 'broken') return raise(brokenEvent(around, end));
      const { report, isOk, previousStatus } = end;
      const { runId } = report;
      if (isOk) {
        const event = previousStatus !== null && previousStatus !== 'ok' ? 'run_recovered' : 'run_ok';
        const title = event === 'run_ok' ? 'Refresh finished' : 'Refresh finished again after a failure';
        raise({ event, title, body: [`${report.ids.length} ids`], runId });
      } else if (!isTold) {
        const failed = report.components.filter(({ status }) => status === 'failed').map(({ component }) => component);
        const title = `Refresh failed: ${failed.join(', ')}`;
        raise({ event: 'run_failed', title, body: [], runId });
      }
    },
    drain: () => alerter.drain(),
  };
}

/** The event for a failed run that no component reports. */
function brokenEvent(
  around: Surroundings,
  { command, exitCode, error }: Extract<RunOutcome, { kind: 'broken' }>,
): RaisedEvent {
  // a failure before any work has a code of the command, with the error of the store as its cause
  const own = codeOf(error instanceof Error ? error.cause : undefined);
  const code = own.startsWith('STORE_') ? own : codeOf(error);
  const hint = hintOf(error);
  const said = error instanceof Error ? error.message : String(error);
  const body = [said, ...(hint === undefined ? [] : [hint])].map((line) => around.redact(line));
  const common = { body, check: code, runId: command };
  if (code.startsWith('STORE_SCHEMA')) {
    const title = 'The schema of the database does not match this program';
    return { event: 'schema_mismatch', title, ...common };
  }
  if (DATABASE_GONE.includes(code)) {
    const title = 'No connection to the database';
    return { event: 'db_connection', title, ...common, check: undefined };
  }
  const title = `${command} ended with exit code ${exitCode}`;
  return { event: 'run_failed', title, ...common };
}

/** An event, of its usual severity where none is named. */
type RaisedEvent = Omit<AlertEvent, 'severity'> & Partial<Pick<AlertEvent, 'severity'>>;

interface Raising {
  readonly runId: string;
  readonly requestedIds: readonly number[];
  readonly hasBars: boolean;
  readonly raise: (event: RaisedEvent) => void;
  readonly severityOf: typeof import('@ta/alerts').severityOf;
}

/** Raises all alerts except corruption, which is known only when the bars are done. */
function eventObserver(raising: Raising): RefreshObserver {
  const { runId, raise } = raising;
  return {
    freshnessChecked: (result) => staleEvents(raising, result),
    itemFinished({ component, id, error }: ItemOutcome) {
      const code = codeOf(error);
      if (DATABASE_GONE.includes(code)) {
        const body = [(error as Error).message];
        raise({ event: 'db_connection', title: GONE_TITLE, body, runId });
      } else if (code === 'PIPELINE_NON_FINITE_EMA') {
        const title = 'EMA validation failed: a value is not finite';
        const body = [(error as Error).message];
        raise({ event: 'ema_bounds', title, body, ids: [id], component, runId });
      }
    },
    componentFinished(report: ComponentReport) {
      if (report.status !== 'failed' || report.note === 'interrupted') return;
      const event = report.isTimedOut === true ? 'component_timeout' : 'component_failed';
      const failures = report.steps.flatMap(({ step, errors }) => errors.map((error) => ({ step, ...error })));
      raise({
        event,
        title: `${report.component} ${report.isTimedOut === true ? 'timed out' : 'failed'}`,
        body: report.note === undefined ? [] : [report.note],
        details: failures.map(({ step, id, message }) => `${step} id ${id}: ${message}`),
        ids: [...new Set(failures.map(({ id }) => id))],
        component: report.component,
        runId,
      });
    },
    notice({ event, text }: Notice, ids: readonly number[]) {
      if (event !== 'ema_bounds' && event !== 'missing_data' && event !== 'backfill_detected') return;
      const component = event === 'ema_bounds' ? 'emas' : 'bars';
      raise({ event, title: NOTICE_TITLES[event], body: [], details: [text], ids, component, runId });
    },
  };
}

const GONE_TITLE = 'The database was lost while a refresh was running';
const NOTICE_TITLES = {
  ema_bounds: 'EMA validation failed: price bounds violated',
  missing_data: 'Source data missing',
  backfill_detected: 'Backfill detected',
};

/** Raises the alerts of the freshness check: stale bars and, if this run has just refreshed the bars, missing source data. */
function staleEvents({ runId, requestedIds, hasBars, raise, severityOf }: Raising, { stale }: FreshnessResult): void {
  if (stale.length === 0) return;
  const ids = stale.map(({ id }) => id);
  const lines = stale.map(({ id, reason, ageHours }) =>
    ageHours === null ? `id ${id}: ${reason}` : `id ${id}: ${reason}, newest bar ${ageHours.toFixed(1)} h old`,
  );
  const severity = severityOf('bars_stale', { staleCount: ids.length, requestedCount: requestedIds.length });
  const title = staleBarsText({ stale });
  raise({ event: 'bars_stale', severity, title, body: [], details: lines, ids, component: 'emas', runId });
  const isOld = stale.map(({ reason }) => hasBars && reason === 'stale');
  const old = ids.filter((_, i) => isOld[i]);
  if (old.length === 0) return;
  const details = lines.filter((_, i) => isOld[i]);
  raise({
    event: 'missing_data',
    title: 'Source has no new rows',
    body: [],
    details,
    ids: old,
    component: 'bars',
    runId,
  });
}

/** Counts the daily rows per id, and checks for corruption when the bars are done. */
function corruptionWatch(judge: (counts: readonly OhlcCounts[]) => void): RefreshObserver {
  const counts: OhlcCounts[] = [];
  return {
    itemFinished({ step, id, rows }) {
      if (step === '1d') counts.push({ id, rows: rows.read, rejected: rows.refused, repaired: rows.clamped });
    },
    componentFinished({ component }) {
      if (component === 'bars') judge(counts);
    },
  };
}

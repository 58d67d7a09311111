import { isUndone, type RefreshObserver } from '@ta/pipeline';
import type { Logger } from 'pino';
import { staleBarsText } from './report/stale-bars.ts';
import { errorText, type RunHistory } from './run-history.ts';

/** Writes the events of a run to the log file (docs/operations.md#logs). Records of failures contain FAILED; a run without failures never writes that word. */
export function logObserver(logger: Logger, thresholdHours: number): RefreshObserver {
  return {
    componentStarted: (component, ids) => logger.info({ component, ids: ids.length }, `${component} started`),
    componentFinished: ({ component, status, seconds, note, isTimedOut, steps }) => {
      const upToDate = Object.fromEntries(steps.map(({ step, ids }) => [step, ids.upToDate]));
      const record = { component, durationMs: Math.round(seconds * 1000), upToDate };
      const event = isTimedOut === true ? 'component_timeout' : 'component_failed';
      if (status === 'failed') logger.error({ ...record, event }, `${component} FAILED: ${note ?? ''}`);
      else logger.info(record, `${component} ${status}`);
    },
    freshnessChecked: ({ stale }) => {
      if (stale.length === 0) return;
      const staleIds = stale.map(({ id }) => id);
      logger.warn({ event: 'bars_stale', staleIds, thresholdHours, stale }, staleBarsText({ stale }));
    },
    itemFinished: ({ component, step, id, status, rows, durationMs, error }) => {
      // these items are only counted, or listed in one line: a line for each would be most of the log and of the time of a run
      if (status === 'noop' || (status === 'no_source' && rows.deleted === 0)) return;
      const record = { component, step, id, durationMs: Math.round(durationMs) };
      if (!isUndone(status)) logger.debug({ ...record, rows }, `${component}/${step} id ${id}: ${status}`);
      else
        logger.error(
          { ...record, err: errorRecord(error) },
          `${component}/${step} FAILED for id ${id}: ${errorText(error)}`,
        );
    },
    notice: ({ level, event, text }, ids) =>
      logger[level === 'warning' ? 'warn' : level]({ event, id: ids.length === 1 ? ids[0] : null }, text),
  };
}

/** Writes the events of a run to the run history. */
export function historyObserver(history: RunHistory): RefreshObserver {
  return { itemFinished: (outcome) => history.add(outcome), componentFinished: () => history.flush() };
}

/** One observer that calls all of these in order. */
export function allObservers(observers: readonly RefreshObserver[]): RefreshObserver {
  return {
    async componentStarted(component, ids) {
      for (const observer of observers) await observer.componentStarted?.(component, ids);
    },
    async componentFinished(report) {
      for (const observer of observers) await observer.componentFinished?.(report);
    },
    freshnessChecked: (result) => observers.forEach((observer) => observer.freshnessChecked?.(result)),
    itemFinished: (outcome) => observers.forEach((observer) => observer.itemFinished?.(outcome)),
    notice: (notice, ids) => observers.forEach((observer) => observer.notice?.(notice, ids)),
  };
}

/** An error as data, `err` of a log record. */
export function errorRecord(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code, sqlstate } = error as { code?: unknown; sqlstate?: unknown };
  return { type: error.name, code, sqlstate, message: error.message, stack: error.stack };
}

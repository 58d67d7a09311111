import {
  columnsAtFault,
  formatCivilDay,
  type CivilDay,
  type DailyRejects,
  type SourceSeries,
} from '@ta/bars-core/engine';
import { warning, type Notice } from '../run-report.ts';

/** Number of days of an id that a run lists; further ones are counted. */
const MOST_NAMED = 3;

/**
 * Notices about new rejects after the newest bar: their days have no bar, although the run succeeds otherwise.
 *
 * @param written indexes of the rejects that are new
 * @param newestTs close instant of the newest bar before this run, epoch ms; −∞ for none. Rejects up to it are history and not
 * listed
 */
export function newestRejectNotices(
  id: number,
  source: SourceSeries,
  rejects: DailyRejects,
  written: Int32Array,
  newestTs: number,
): Notice[] {
  const newest = Array.from(written)
    .filter((at) => rejects.reason[at] !== 'superseded_by_later_row')
    .filter((at) => source.ts[rejects.sourceIndex[at]] > newestTs)
    .reverse();
  const texts = newest.slice(0, MOST_NAMED).map((at) => {
    const reason = rejects.reason[at] as DailyRejects['reason'][number];
    const columns = columnsAtFault(source, rejects.sourceIndex[at], reason);
    return `${formatCivilDay(rejects.day[at] as CivilDay)} is refused: ${reason} (${columns.join(', ')})`;
  });
  const more = newest.length - texts.length;
  if (more > 0) texts.push(`${more} more new days are refused: ta rejects --bars --ids ${id}`);
  return texts.map((text) => notice(id, text));
}

/** Notices about new rejects of rows whose instant is outside the years 0001 to 9999. */
export function beyondRejectNotices(id: number, rows: number): Notice[] {
  const text = `${rows} row(s) outside the years 0001 to 9999 are refused: failed_final_filter_unknown (timestamp)`;
  return rows === 0 ? [] : [notice(id, text)];
}

function notice(id: number, text: string): Notice {
  return warning('newest_day_refused', `id ${id}: ${text}`);
}

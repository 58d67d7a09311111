import { parseCivilDay, type CivilDay } from '@ta/bars-core/engine';
import { fieldsOf } from '@ta/price-import';
import type { Holiday } from '@ta/state-store';
import { usage } from './usage.ts';

/** A byte order mark, which spreadsheets write. */
const MARK = '\uFEFF';

const LINE = 'A line is a day and its name: 2024-03-29,Good Friday';

/**
 * Reads days without trading: lines of `YYYY-MM-DD` and, after a comma, a name; what further columns say belongs to the name. A
 * first line without a digit is a header; empty lines are skipped, and a repeated day counts once.
 *
 * @throws CliError `CLI_USAGE` with the first line that is not a day, or has a misplaced quote
 */
export function readHolidays(text: string, file: string): Holiday[] {
  const found = new Map<CivilDay, Holiday>();
  const lines = text.replace(MARK, '').split(/\r\n|\n|\r/);
  lines.forEach((line, at) => {
    if (line.trim() === '') return;
    const fields = fieldsOf(line, ',');
    if (fields === null) throw usage(`${file}, line ${at + 1}: a quote is misplaced: ${JSON.stringify(line)}`, LINE);
    const [first, ...rest] = fields as [string, ...string[]];
    const day = dayOrNull(first);
    // a first line with digits is a day in another notation, not a header: skipping it would lose that day
    if (day === null && at === 0 && !/\d/.test(line)) return;
    if (day === null) {
      throw usage(`${file}, line ${at + 1}: ${JSON.stringify(first)} is not a day`, LINE);
    }
    const name = rest.filter((field) => field !== '').join(', ');
    found.set(day, { day, name: name === '' ? null : name });
  });
  if (found.size === 0) {
    throw usage(`${file} has no days`, LINE);
  }
  return [...found.values()];
}

function dayOrNull(text: string): CivilDay | null {
  try {
    return parseCivilDay(text);
  } catch {
    return null;
  }
}

import type { ImportReport } from '@ta/price-import';

/** The outcome of one file: a report, or the reason why it cannot be used. */
export type FileEnd =
  | { readonly file: string; readonly report: ImportReport; readonly problem?: undefined }
  | { readonly file: string; readonly report?: undefined; readonly problem: readonly string[] };

const SHOWN_REJECTS = 20;
const SHOWN_REJECTS_OF_MANY = 3;
const SHOWN_GAPS = 5;
const SHOWN_IDS = 10;

/** The lines about one file: all details of a single file; for one of several, a summary and its problems. */
export async function fileLines(end: FileEnd, isSingle: boolean): Promise<string[]> {
  if (end.report === undefined) {
    const [message = '', ...rest] = end.problem;
    // one line is enough here; only a single file gets the list of known formats
    const told = message.replace(/^\[ERROR\] /, '').replace(/ Known formats:[^]*$/, '');
    return [`[FAILED] ${told.startsWith(end.file) ? '' : `${end.file}: `}${told}`, ...rest];
  }
  const { report } = end;
  if (report.outcome === 'refused') return refusedLines(report, isSingle);
  const tag = report.outcome === 'checked' ? '[OK] Check only:' : '[OK]';
  if (!isSingle) {
    return [
      `${tag} ${report.file} → ${who(report)}, ${report.formatLabel}: ${counts(report)}`,
      ...(report.rejectedCount === 0 ? [] : [`  Rejected lines: ${report.rejectedCount}`]),
      ...(await rejectedLines(report, SHOWN_REJECTS_OF_MANY)),
      ...report.notices.flatMap((notice) => noticeText(notice, report)).filter((line) => line.includes('[WARNING]')),
    ];
  }
  return [
    `${tag} ${report.file} → ${who(report)}, ${report.formatLabel}`,
    ...replacedLines(report),
    `  Rows: ${counts(report)}; span ${report.firstDay} … ${report.lastDay} (${report.zone})`,
    ...otherDaysLines(report),
    `  Missing days: ${report.missingDays}${restingText(report)}${gapText(report)}`,
    `  Rejected lines: ${report.rejectedCount}${repeated(report)}`,
    ...(await rejectedLines(report, SHOWN_REJECTS)),
    ...report.notices.flatMap((notice) => noticeText(notice, report)),
  ];
}

/** What is printed after several files. */
export function summaryLines(ends: readonly FileEnd[], fileCount: number): string[] {
  if (fileCount === 1) return [];
  const reports = ends.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const good = reports.filter(({ outcome }) => outcome !== 'refused');
  const sum = (of: (report: ImportReport) => number) => good.reduce((total, report) => total + of(report), 0);
  const failed = ends.length - good.length;
  const isCheck = good.some(({ outcome }) => outcome === 'checked');
  const isCompared = good.every(({ asset }) => asset !== null);
  const days = !isCompared
    ? `${sum(({ rowsRead }) => rowsRead)} rows`
    : `${sum(({ newDays }) => newDays)} new, ${sum(({ correctedDays }) => correctedDays)} corrected days, ${sum(({ unchanged }) => unchanged)} rows already there`;
  const resting = good.filter(({ notices }) => notices.includes('rests_on_weekends')).map(({ id }) => id);
  return [
    ...restingLines([...new Set(resting)]),
    `${failed === 0 ? '[OK]' : '[FAILED]'} ${fileCount} files: ${good.length} ${isCheck ? 'can be imported' : 'stored'}, ${failed} failed; ${days}; rejected lines: ${sum(({ rejectedCount }) => rejectedCount)}`,
  ];
}

/** Advice for assets without rows on weekends, whose bars hardly ever close under the rule `calendar`. */
function restingLines(ids: readonly number[]): string[] {
  if (ids.length === 0) return [];
  const more = ids.length > SHOWN_IDS ? `, and ${ids.length - SHOWN_IDS} more` : '';
  return [
    `[INFO] all days of ${ids.length === 1 ? 'id' : `${ids.length} ids,`} ${ids.slice(0, SHOWN_IDS).join(', ')}${more} are Monday to Friday; weeks and many months close only after:`,
    `       ta assets set ID --close-rule market --weekdays Mon-Fri`,
  ];
}

function who({ asset, id }: ImportReport): string {
  return asset === null ? `id ${id}` : `id ${id} (${asset.name})`;
}

function counts(report: ImportReport): string {
  if (report.asset === null) return String(report.rowsRead);
  return `${report.rowsRead}: ${report.newDays} new, ${report.correctedDays} corrected days, ${report.unchanged} already there`;
}

async function refusedLines(report: ImportReport, isSingle: boolean): Promise<string[]> {
  return [
    `[FAILED] ${report.file} → id ${report.id}, ${report.formatLabel}: nothing is stored`,
    `  ${await refusalText(report)}`,
    `  ${whatToDo(report)}`,
    ...(await rejectedLines(report, isSingle ? SHOWN_REJECTS : SHOWN_REJECTS_OF_MANY)),
  ];
}

async function refusalText({ refusal, linesRead, rejectedCount, commonestReject }: ImportReport): Promise<string> {
  if (commonestReject === null) return 'The file has a header and no rows';
  const { rejectedLineText } = await import('@ta/price-import');
  const share = refusal === 'strict' ? 'with --strict every line must be good, and' : '';
  const { count, first } = commonestReject;
  return `${share} ${rejectedCount} of ${linesRead} lines were refused, ${count} of them as this one: ${rejectedLineText(first)}`.trim();
}

function whatToDo({ refusal, rowsRead, commonestReject }: ImportReport): string {
  const fix =
    commonestReject?.first.reason === 'ahead_of_the_clock'
      ? 'Check the clock of this machine and the dates of the file, or pass --allow-future'
      : 'Fetch the file again, or correct it';
  if (refusal === 'mostly_rejected') {
    return `${fix}; --keep-partial stores the ${rowsRead} ${rowsRead === 1 ? 'row' : 'rows'} that could be read.`;
  }
  return refusal === 'strict' ? `${fix}; without --strict the good lines are stored.` : `${fix}.`;
}

async function rejectedLines(report: ImportReport, limit: number): Promise<string[]> {
  const { rejectedLineText } = await import('@ta/price-import');
  const lines = report.rejected.slice(0, limit).map((rejected) => `    ${rejectedLineText(rejected)}`);
  const more = report.rejectedCount - lines.length;
  return more > 0 ? [...lines, `    … and ${more} more`] : lines;
}

function replacedLines({ outcome, replacedRows }: ImportReport): string[] {
  if (replacedRows === 0) return [];
  return [`  ${outcome === 'checked' ? 'Would be deleted' : 'Deleted'} first: ${replacedRows} rows of this asset`];
}

function otherDaysLines({ otherDays }: ImportReport): string[] {
  return otherDays === 0 ? [] : [`  Stored days of this span that the file does not have: ${otherDays}; they stay`];
}

function restingText({ restingDays }: ImportReport): string {
  if (restingDays === null) return '';
  return restingDays === 'weekends' ? ', weekends not counted' : ' on which the asset trades';
}

function repeated({ duplicatesIgnored }: ImportReport): string {
  return duplicatesIgnored > 0 ? `; repeated lines ignored: ${duplicatesIgnored}` : '';
}

function gapText(report: ImportReport): string {
  if (report.gapCount === 0) return '';
  const shown = report.gaps
    .slice(0, SHOWN_GAPS)
    .map((gap) => (gap.days === 1 ? gap.firstDay : `${gap.firstDay}…${gap.lastDay}`));
  return ` (${shown.join(', ')}${report.gapCount > shown.length ? `, and ${report.gapCount - shown.length} more gaps` : ''})`;
}

function noticeText(notice: ImportReport['notices'][number], report: ImportReport): string[] {
  switch (notice) {
    case 'quote_not_usd':
      return [`  [WARNING] the file is quoted in currency ${report.quoteId}, not in US dollars (2781)`];
    case 'columns_ignored':
      return [`  [INFO] columns ignored: ${report.ignoredColumns.join(', ')}`];
    case 'extreme_times_inferred':
      return [
        `  [INFO] ${report.inferredExtremeTimes} rows have no time of high and low in the file; the instant of the open or close is used`,
      ];
    case 'several_rows_per_day':
      return [
        `  [WARNING] ${report.sameDayRows} rows share a day (${report.zone}) with another row; the later one is used`,
      ];
    case 'later_rows_stored':
      return [
        `  [WARNING] days of which a later time of day is stored: ${report.outdone.count}, the first is ${report.outdone.firstDay}; bars use what was stored before. To use this file alone: --replace-asset`,
      ];
    case 'prices_zero_or_less':
      return [
        `  [WARNING] days with a price at or below zero: ${report.zeroOrLess.count}, the first is ${report.zeroOrLess.firstDay}; right for a spread, else a fault of the file`,
      ];
    case 'days_without_price':
      return [
        `  [WARNING] days without open or close: ${report.unpriced.count}, the first is ${report.unpriced.firstDay}; they get no bar, also where a price was stored before`,
      ];
    case 'days_opened_before':
      return [
        `  [WARNING] days that open within the day before (${report.zone}): ${report.openedBefore.count}, the first is ${report.openedBefore.firstDay}; a row counts for the day on which its 24 hours end. Days of another zone need a database of that zone: ta settings --tz ZONE --full-rebuild`,
      ];
    case 'rests_on_weekends':
      return [
        '  [INFO] all days are Monday to Friday; weeks and many months close only after:',
        `         ta assets set ${report.id} --close-rule market --weekdays Mon-Fri`,
      ];
    case 'close_only':
      return ['  [WARNING] the file has only closes: open, high and low are set to the close'];
  }
}

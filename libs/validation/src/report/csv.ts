import type { Finding } from '../finding.ts';
import type { Report, Write } from './report.ts';

const COLUMNS = [
  'check', 'name', 'severity', 'table', 'id', 'tf', 'period', 'key', 'expected', 'actual', 'diff', 'message', 'detail',
] as const; // prettier-ignore

/** The findings as CSV (RFC 4180, `\n` line ends), one line each; a check without findings leaves no line. */
export function csvReport(write: Write): Report {
  write(`${COLUMNS.join(',')}\n`);
  return {
    finding: (finding) => write(`${COLUMNS.map((column) => cell(finding[column])).join(',')}\n`),
    checkFinished: () => undefined,
    finish: () => undefined,
  };
}

function cell(value: Finding[(typeof COLUMNS)[number]]): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

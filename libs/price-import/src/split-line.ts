import { CsvError, parse } from 'csv-parse/sync';

/** Why a line cannot be cut into fields. */
export type SplitProblem = 'unclosed_quote' | 'misplaced_quote';

/**
 * Cuts one line of CSV into fields (RFC 4180 quoting), blanks around each field removed.
 *
 * A line is a record. A parser that reads the file as a whole lets a quoted field run over line ends, so that one stray
 * quote costs every line up to the next one; no known price format has line ends inside fields, so a quote must close on
 * its own line and a defect stays there. A line without a quote, nearly every line, needs no parser.
 *
 * @returns the fields, or the reason why the quoting is broken
 */
export function splitLine(line: string, delimiter: string): string[] | SplitProblem {
  const fields = line.includes('"') ? parseQuoted(line, delimiter) : line.split(delimiter);
  if (typeof fields === 'string') return fields;
  for (let at = 0; at < fields.length; at++) fields[at] = fields[at].trim();
  return fields;
}

function parseQuoted(line: string, delimiter: string): string[] | SplitProblem {
  try {
    return parse(line, { delimiter, record_delimiter: '\n', relax_column_count: true, trim: true })[0];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'unclosed_quote' : 'misplaced_quote';
  }
}

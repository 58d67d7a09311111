import { CliError } from './cli-error.ts';

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * The instant named by a flag: ISO-8601 with a zone, or a bare date.
 *
 * @param flag its name, for the message
 * @param edge what a bare date means: its beginning (00:00Z) or its end (00:00Z of the next day)
 * @returns epoch ms
 * @throws CliError `CLI_BAD_INSTANT`
 */
export function parseInstantFlag(flag: string, text: string, edge: 'begin' | 'end'): number {
  if (DATE.test(text)) {
    const ms = Date.parse(`${text}T00:00:00Z`);
    const isDate = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
    if (isDate) return edge === 'begin' ? ms : ms + DAY_MS;
  } else if (INSTANT.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return ms;
  }
  throw new CliError('CLI_BAD_INSTANT', `--${flag}: "${text}" is neither a date nor an instant with a zone`, {
    hint: `Examples: --${flag} 2025-10-27   --${flag} 2025-10-27T06:00:00Z`,
  });
}

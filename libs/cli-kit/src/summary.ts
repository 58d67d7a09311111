/** The outcome of one part of a run (a component, a builder or a refresher). */
export interface SummaryPart {
  readonly name: string;
  readonly status: 'ok' | 'failed' | 'skipped';
  /** Unrounded seconds; 0 for a part that did not start. */
  readonly seconds: number;
  /** Why it failed or was skipped. */
  readonly note?: string;
}

const RULE = '='.repeat(70);

/** A title between two rules of 70 `=`. */
export function banner(title: string): string {
  return `${RULE}\n${title}\n${RULE}`;
}

/**
 * The closing block of a run, byte for byte as the operations guide shows it (docs/operations.md#logs).
 *
 * @param title `DAILY REFRESH SUMMARY` or `EXECUTION SUMMARY`
 * @param noun `component`, `builder` or `refresher`
 * @returns the block without a final line break
 */
export function summaryBlock(title: string, noun: string, parts: readonly SummaryPart[]): string {
  const started = parts.filter((part) => part.status !== 'skipped');
  const ok = started.filter((part) => part.status === 'ok');
  const failed = started.filter((part) => part.status === 'failed');
  const skipped = parts.filter((part) => part.status === 'skipped');
  const total = started.reduce((sum, part) => sum + part.seconds, 0);
  const lines = [
    banner(title),
    '',
    `Total ${noun}s: ${started.length}`,
    `Successful: ${ok.length}`,
    `Failed: ${failed.length}`,
    `Total time: ${seconds(total)}`,
    '',
    ...list(`[OK] Successful ${noun}s:`, ok),
    ...list(`[FAILED] Failed ${noun}s:`, failed),
    ...list(`[SKIPPED] Skipped ${noun}s:`, skipped),
    RULE,
    '',
    failed.length === 0 ? `[OK] All ${noun}s completed successfully!` : `[WARNING] ${failed.length} ${noun}(s) failed!`,
  ];
  return lines.join('\n');
}

/** Seconds with one decimal, never minutes: `45.3s`. */
export function seconds(value: number): string {
  return `${value.toFixed(1)}s`;
}

function list(heading: string, parts: readonly SummaryPart[]): string[] {
  if (parts.length === 0) return [];
  return [heading, ...parts.map(line), ''];
}

function line(part: SummaryPart): string {
  const note = part.note === undefined ? '' : ` (${part.note})`;
  return part.status === 'skipped' ? `  - ${part.name}${note}` : `  - ${part.name}: ${seconds(part.seconds)}${note}`;
}

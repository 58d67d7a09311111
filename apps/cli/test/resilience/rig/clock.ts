import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** A wall clock of the command that a test moves while it runs. */
export interface ShiftedClock {
  /** Environment under which the command has this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets how far it is ahead of the host's; negative is behind. */
  jumpTo(aheadMs: number): void;
  remove(): void;
}

const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'shifting-clock.mjs')).href;

/** Makes a clock that shows the host's time until it is moved. */
export function shiftedClock(): ShiftedClock {
  const folder = mkdtempSync(path.join(tmpdir(), 'ta-clock-'));
  const file = path.join(folder, 'ahead');
  const jumpTo = (aheadMs: number) => writeFileSync(file, String(aheadMs));
  jumpTo(0);
  return {
    env: { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFTED_BY_FILE: file },
    jumpTo,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

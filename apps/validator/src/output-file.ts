import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { CliError, type Surroundings } from '@ta/cli-kit';

/** A file that is written while the work goes on. */
export interface OutputFile {
  /** Text, scrubbed; line breaks are in it. */
  write(text: string): void;
  close(): void;
}

/**
 * Opens a file named by a flag, from the folder that relative paths start from.
 * @throws CliError `CLI_CANNOT_WRITE`
 */
export function openOutputFile(around: Surroundings, flag: string, name: string): OutputFile {
  let file: number;
  try {
    file = openSync(path.resolve(around.root, name), 'w');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('CLI_CANNOT_WRITE', `--${flag}: cannot write ${name}: ${reason}`, {
      hint: 'Name a file in a folder that exists.',
      cause,
    });
  }
  return { write: (text) => void writeSync(file, around.redactDocument(text)), close: () => closeSync(file) };
}

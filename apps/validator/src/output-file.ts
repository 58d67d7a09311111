import path from 'node:path';
import { CliError, type Surroundings } from '@ta/cli-kit';
import { ExportError, openWholeFile, type WholeFile } from '@ta/table-export';

/** A file that is written while the work goes on, and appears under its name when it is complete. */
export interface OutputFile {
  /** Writes text, scrubbed, which contains its line breaks. */
  write(text: string): void;
  /** Completes the file and gives it its name. */
  finish(): void;
  /** Deletes the file if it was not finished. */
  close(): void;
}

/**
 * Opens a file named by a flag, from the folder that relative paths start from.
 * @throws CliError `CLI_CANNOT_WRITE`, as its methods do
 */
export function openOutputFile(around: Surroundings, flag: string, name: string): OutputFile {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof ExportError)) throw cause;
      throw new CliError('CLI_CANNOT_WRITE', `--${flag}: ${cause.message}`, { hint: cause.hint, cause });
    }
  };
  const file: WholeFile = attempt(() => openWholeFile(path.resolve(around.root, name)));
  return {
    write: (text) => attempt(() => file.write(around.redactDocument(text))),
    finish: () => attempt(() => file.finish()),
    close: () => file.abandon(),
  };
}

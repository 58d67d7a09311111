import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ImportError } from './errors.ts';

/** A file of daily prices: where its bytes come from and what it is called. */
export interface PriceFile {
  /** Base name; stored as `source_file` and used in messages. */
  name: string;
  /** Size in bytes as stored (packed size for gzip), or null when not known. */
  sizeBytes: number | null;
  /** The bytes from the start; called once per pass. */
  open(): AsyncIterable<Uint8Array>;
}

const READ_BYTES = 256 * 1024;

/**
 * The price file at a path.
 *
 * @throws ImportError `IMPORT_FILE_NOT_FOUND`, or `IMPORT_FILE_UNREADABLE` (a folder, no permission); reading throws
 *   `IMPORT_FILE_UNREADABLE` as well
 */
export async function priceFileAt(path: string): Promise<PriceFile> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fileError(path, error);
  });
  if (facts.isDirectory()) {
    throw new ImportError('IMPORT_FILE_UNREADABLE', `${path} is a folder; expected a CSV file`, {
      hint: 'Name the files, for example folder/*.csv.',
      context: { path },
    });
  }
  return {
    name: basename(path),
    sizeBytes: facts.isFile() ? facts.size : null,
    async *open() {
      try {
        yield* createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw fileError(path, error as NodeJS.ErrnoException);
      }
    },
  };
}

function fileError(path: string, error: NodeJS.ErrnoException): ImportError {
  return error.code === 'ENOENT'
    ? new ImportError('IMPORT_FILE_NOT_FOUND', `${path} does not exist`, { context: { path }, cause: error })
    : new ImportError('IMPORT_FILE_UNREADABLE', `${path} cannot be read: ${error.code ?? error.message}`, {
        context: { path, errno: error.code },
        cause: error,
      });
}

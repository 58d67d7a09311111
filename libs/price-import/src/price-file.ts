import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ImportError } from './errors.ts';
import { zippedFile } from './zip-entry.ts';

/** A file of daily prices: where its bytes come from and what it is called. */
export interface PriceFile {
  /** Base name; stored as `source_file` and used in messages. */
  name: string;
  /** Size in bytes as stored (packed size for gzip), or null when not known. */
  sizeBytes: number | null;
  /** The bytes from the start; called once per reading. */
  open(): AsyncIterable<Uint8Array>;
}

const READ_BYTES = 256 * 1024;

/**
 * The price file at a path, or the one file inside a ZIP archive, which is recognised by its content.
 *
 * @throws ImportError `IMPORT_FILE_NOT_FOUND`, or `IMPORT_FILE_UNREADABLE` (a folder, no permission); reading throws
 *   `IMPORT_FILE_UNREADABLE` and `IMPORT_ARCHIVE` as well
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
  const name = basename(path);
  const isZip = facts.isFile() && (await beginsLikeZip(path));
  return {
    name,
    sizeBytes: facts.isFile() && !isZip ? facts.size : null,
    async *open() {
      try {
        if (isZip) yield* zippedFile(path, name);
        else yield* createReadStream(path, { highWaterMark: READ_BYTES }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        throw error instanceof ImportError ? error : fileError(path, error as NodeJS.ErrnoException);
      }
    },
  };
}

const ZIP_BEGINNING = Buffer.from('PK\u0003\u0004', 'latin1');

async function beginsLikeZip(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      return bytesRead === 4 && buffer.equals(ZIP_BEGINNING);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, error as NodeJS.ErrnoException);
  }
}

function fileError(path: string, error: NodeJS.ErrnoException): ImportError {
  return error.code === 'ENOENT'
    ? new ImportError('IMPORT_FILE_NOT_FOUND', `${path} does not exist`, { context: { path }, cause: error })
    : new ImportError('IMPORT_FILE_UNREADABLE', `${path} cannot be read: ${error.code ?? error.message}`, {
        context: { path, errno: error.code },
        cause: error,
      });
}

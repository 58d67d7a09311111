import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { ExportError } from './errors.ts';
import { partialName, removeStalePartials } from './partial-name.ts';

/**
 * A file that is being written. It appears under its name in one step, when it is complete and on the disk; until then an
 * existing file of that name stays as it is. Writing is synchronous, apart from a buffer of {@link BUFFER_BYTES}.
 */
export interface WholeFile {
  /** @throws ExportError `EXPORT_FILE`, after which only `abandon` makes sense */
  write(content: Uint8Array | string): void;
  /** Writes the rest to the disk and gives the file its name. @throws ExportError `EXPORT_FILE` */
  finish(): void;
  /** Deletes the unfinished file. After `finish` it does nothing. Never throws. */
  abandon(): void;
}

/** Bytes that are collected before they are written. */
const BUFFER_BYTES = 1 << 20;

/**
 * Begins a file. It is written in the same folder under a name of its own: if two processes write it at once, the one that
 * finishes last decides its content. Unfinished files of writers that were killed are deleted.
 *
 * @param mode permissions of a new file, before the umask of the process; a file that is replaced keeps its own
 * @throws ExportError `EXPORT_FILE` when something other than a regular file (a link, a pipe, a device, a folder) has its name,
 * or its folder cannot be written to
 */
export function openWholeFile(file: string, mode = 0o666): WholeFile {
  const partial = partialName(file);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof ExportError ? error : cannotWrite(file, error);
    }
  };
  const before = attempt(() => replaceable(file));
  const fd = attempt(() => openSync(partial, 'wx', mode));
  // it does no harm if the folder cannot be listed, or an old file cannot be deleted
  quietly(() => removeStalePartials(file, fstatSync(fd).mtimeMs));
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let buffered = 0;
  let isOpen = true;
  const flush = () => {
    writeAll(fd, buffer.subarray(0, buffered));
    buffered = 0;
  };
  return {
    write: (content) =>
      attempt(() => {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        if (buffered + bytes.byteLength > BUFFER_BYTES) flush();
        if (bytes.byteLength > BUFFER_BYTES) return writeAll(fd, bytes);
        buffer.set(bytes, buffered);
        buffered += bytes.byteLength;
      }),
    finish: () =>
      attempt(() => {
        flush();
        fsyncSync(fd);
        if (before !== null) chmodSync(partial, before.mode & 0o7777);
        closeSync(fd);
        isOpen = false;
        // a link or another special file that was put there meanwhile is not overwritten
        replaceable(file);
        renameSync(partial, file);
        syncFolder(path.dirname(file));
      }),
    abandon() {
      if (isOpen) quietly(() => closeSync(fd));
      isOpen = false;
      quietly(() => rmSync(partial, { force: true }));
    },
  };
}

/** Writes a file in one go. @throws ExportError `EXPORT_FILE` */
export function writeWholeFile(file: string, content: Uint8Array | string, mode?: number): void {
  const whole = openWholeFile(file, mode);
  try {
    whole.write(content);
    whole.finish();
  } finally {
    whole.abandon();
  }
}

/** The regular file of this name; null when there is none. @throws ExportError for anything else of this name */
function replaceable(file: string): Stats | null {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return found ?? null;
  const kind = KINDS.find(([is]) => is(found))?.[1] ?? 'not a regular file';
  throw new ExportError('EXPORT_FILE', `Cannot write ${file}: it is ${kind}`, { hint: 'Name a regular file.' });
}

const KINDS: readonly (readonly [(found: Stats) => boolean, string])[] = [
  [(found) => found.isSymbolicLink(), 'a link'],
  [(found) => found.isDirectory(), 'a folder'],
  [(found) => found.isFIFO(), 'a pipe'],
  [(found) => found.isSocket(), 'a socket'],
  [(found) => found.isCharacterDevice() || found.isBlockDevice(), 'a device'],
];

/** Repeats the call until all bytes are written, since one call may write only some of them. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) at += writeSync(fd, bytes, at);
}

/** A new name is on the disk once its folder is synced; on systems that cannot open folders this does nothing. */
function syncFolder(folder: string): void {
  quietly(() => {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}

function cannotWrite(file: string, cause: unknown): ExportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExportError('EXPORT_FILE', `Cannot write ${file}: ${reason}`, {
    hint: 'Name a file in a folder that exists, on a disk with free space.',
    cause,
  });
}

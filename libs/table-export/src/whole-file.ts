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
 * A file under way. It appears under its name when it is whole and on the disk, in one step; until then another file of
 * that name stays as it is. Calls return when the system has taken what they write, so nothing piles up.
 */
export interface WholeFile {
  /** @throws ExportError `EXPORT_FILE`, after which only `abandon` makes sense */
  write(content: Uint8Array | string): void;
  /** Makes it whole, and shows it. @throws ExportError `EXPORT_FILE` */
  finish(): void;
  /** Leaves nothing of it. After `finish` it does nothing. Never throws. */
  abandon(): void;
}

/** Bytes that are collected before they are given to the system. */
const BUFFER_BYTES = 1 << 20;

/**
 * Begins a file. It is written beside its place under a name of its own: of two that are written at once, the one that is
 * finished last is the file. What writers of it left that were killed goes away.
 *
 * @param mode rights of a new file, less what the process masks; one that is replaced keeps its own
 * @throws ExportError `EXPORT_FILE` when its place is taken by something that is no regular file (a link, a pipe, a
 * device, a folder), or cannot be written to
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
  // a folder that cannot be listed, or a file that cannot be deleted, is in nobody's way
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
        // who put something else there meanwhile does not lose it
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

/** What is there now; null when there is nothing. */
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

/** The system may take less than it is given. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength;) at += writeSync(fd, bytes, at);
}

/** A new name is on the disk when its folder is; systems that open no folders keep it in their own way. */
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

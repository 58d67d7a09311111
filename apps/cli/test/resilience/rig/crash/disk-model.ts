import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What was done to a folder, as `record-writes.mjs` keeps it. */
export type Entry =
  | { readonly what: 'create'; readonly path: string; readonly file: number }
  | { readonly what: 'find'; readonly path: string; readonly file: number }
  | { readonly what: 'write'; readonly file: number; readonly at: number; readonly data: Buffer }
  | { readonly what: 'truncate'; readonly file: number; readonly size: number }
  | { readonly what: 'sync'; readonly file: number }
  | { readonly what: 'rename'; readonly path: string; readonly to: string }
  | { readonly what: 'unlink'; readonly path: string }
  | { readonly what: 'mkdir'; readonly path: string }
  | { readonly what: 'rmdir'; readonly path: string }
  | { readonly what: 'syncFolder'; readonly path: string }
  | { readonly what: 'mark'; readonly mark: number };

type Kind<What extends Entry['what']> = Extract<Entry, { what: What }>;
type Change = Kind<'write'> | Kind<'truncate'>;
type NameChange = Kind<'create'> | Kind<'rename'> | Kind<'unlink'> | Kind<'mkdir'> | Kind<'rmdir'>;

/** A disk writes a sector whole or not at all. */
const SECTOR = 512;

/** The entries of a record. */
export function* readRecord(record: Buffer): Generator<Entry> {
  for (let at = 0; at < record.length;) {
    const end = record.indexOf(10, at);
    const { bytes, ...entry } = JSON.parse(record.toString('utf8', at, end)) as { bytes: number };
    at = end + 1 + bytes;
    yield { ...entry, data: record.subarray(end + 1, at) } as unknown as Entry;
  }
}

/**
 * What may be on a disk when the power goes. Bytes of a file are there for sure once the file was synced; of those written
 * since, any part may be there, by sectors, in any order. Names keep their order, as file systems with a journal keep it:
 * they are there for sure up to the last one that concerns a synced file or a synced folder, and of the later ones any
 * first part may be there.
 */
export class DiskModel {
  private readonly contents = new Map<number, { sure: Buffer; since: Change[] }>();
  private readonly names: NameChange[] = [];
  private sureNames = 0;
  /** The number of the last mark. */
  mark = -1;

  take(entry: Entry): void {
    switch (entry.what) {
      case 'mark':
        this.mark = entry.mark;
        return;
      case 'write':
      case 'truncate':
        this.contentOf(entry.file).since.push(entry);
        return;
      case 'sync': {
        const content = this.contentOf(entry.file);
        content.sure = applied(content.since, content.sure);
        content.since = [];
        return this.ensureNames((change) => change.what === 'create' && change.file === entry.file, entry.file);
      }
      case 'syncFolder':
        return this.ensureNames(
          (change) => folderOf(change.path) === entry.path || ('to' in change && folderOf(change.to) === entry.path),
        );
      case 'find':
        this.names.push({ ...entry, what: 'create' });
        this.sureNames = this.names.length;
        return;
      default:
        this.names.push(entry);
    }
  }

  /** Puts one of the disks that there might be into a folder. */
  writeImage(folder: string, random: () => number): void {
    const survives = [0, 0.3, 0.7, 1][Math.floor(random() * 4)] as number;
    const namesKept = this.sureNames + Math.round((this.names.length - this.sureNames) * random());
    const bytes = new Map<number, Buffer>();
    for (const [file, { sure, since }] of this.contents) {
      const kept = since.flatMap((change) => survivor(change, survives, random));
      bytes.set(file, kept.length === 0 ? sure : applied(kept, Buffer.from(sure)));
    }
    const { files, folders } = namesAfter(this.names.slice(0, namesKept));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of folders) mkdirSync(path.join(folder, name), { recursive: true });
    for (const [name, file] of files) writeFileSync(path.join(folder, name), bytes.get(file) ?? Buffer.alloc(0));
  }

  private contentOf(file: number) {
    const found = this.contents.get(file) ?? { sure: Buffer.alloc(0), since: [] };
    this.contents.set(file, found);
    return found;
  }

  private ensureNames(concerns: (change: NameChange) => boolean, file?: number): void {
    let last = this.names.findLastIndex(concerns);
    if (file !== undefined) {
      const now = [...namesAfter(this.names).files].find(([, number]) => number === file)?.[0];
      last = Math.max(
        last,
        this.names.findLastIndex((change) => 'to' in change && change.to === now),
      );
    }
    this.sureNames = Math.max(this.sureNames, last + 1);
  }
}

function folderOf(name: string): string {
  return path.dirname(name);
}

/** The bytes after changes, which are made in place where no change reaches past them. */
function applied(changes: readonly Change[], before: Buffer): Buffer {
  const most = changes.reduce((end, change) => Math.max(end, endOf(change)), before.length);
  const bytes = most > before.length ? Buffer.alloc(most) : before;
  if (bytes !== before) before.copy(bytes);
  let { length } = before;
  for (const change of changes) {
    if (change.what === 'write') change.data.copy(bytes, change.at);
    // what is cut off comes back as zeros
    else bytes.fill(0, change.size, length);
    length = change.what === 'write' ? Math.max(length, endOf(change)) : change.size;
  }
  return bytes.subarray(0, length);
}

function endOf(change: Change): number {
  return change.what === 'write' ? change.at + change.data.length : change.size;
}

/** What is left of a change that was not synced: all of it, nothing, or some sectors of it. */
function survivor(change: Change, survives: number, random: () => number): Change[] {
  if (random() >= survives) return [];
  if (change.what === 'truncate' || random() < 0.8) return [change];
  const sectors: Change[] = [];
  for (let from = 0; from < change.data.length; from += SECTOR - ((change.at + from) % SECTOR)) {
    const until = from + SECTOR - ((change.at + from) % SECTOR);
    if (random() < 0.5) sectors.push({ ...change, at: change.at + from, data: change.data.subarray(from, until) });
  }
  return sectors;
}

/** Files and folders after changes of names. */
function namesAfter(changes: readonly NameChange[]): { files: Map<string, number>; folders: Set<string> } {
  const [files, folders] = [new Map<string, number>(), new Set<string>()];
  for (const change of changes) {
    const within = (name: string) => name === change.path || name.startsWith(`${change.path}/`);
    if (change.what === 'create') files.set(change.path, change.file);
    else if (change.what === 'mkdir') folders.add(change.path);
    else if (change.what === 'unlink') files.delete(change.path);
    else if (change.what === 'rmdir') folders.delete(change.path);
    else {
      for (const [name, file] of [...files].filter(([each]) => within(each))) {
        files.delete(name);
        files.set(change.to + name.slice(change.path.length), file);
      }
      for (const name of [...folders].filter(within)) {
        folders.delete(name);
        folders.add(change.to + name.slice(change.path.length));
      }
    }
  }
  return { files, folders };
}

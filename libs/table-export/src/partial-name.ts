import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { DAY_MS } from './day-stretches.ts';

/** Identifies this machine in six hexadecimal digits, since file names must stay short. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 6);

/** The name of the unfinished version of a file, in the same folder; it identifies the machine and the process that write it. */
export function partialName(file: string): string {
  return `${file}.${HOST}-${process.pid.toString(36)}.${randomBytes(3).toString('hex')}.partial`;
}

/** What {@link partialName} adds to the name of the file; earlier versions did not identify the writer. */
const ENDING = /^\.(?:([0-9a-f]{6})-([0-9a-z]{1,7})\.[0-9a-f]{6}|[0-9a-f]{8})\.partial$/;

/**
 * Deletes what earlier writers of a file left when they were killed: regular files with a name of {@link partialName} whose
 * process no longer runs on this machine, or that have not been written to for a day.
 *
 * @param nowMs the time by the clock of the file system, epoch ms
 */
export function removeStalePartials(file: string, nowMs: number): void {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  for (const entry of readdirSync(folder)) {
    const parts = entry.startsWith(name) ? ENDING.exec(entry.slice(name.length)) : null;
    if (parts === null) continue;
    const found = lstatSync(path.join(folder, entry), { throwIfNoEntry: false });
    if (found?.isFile() !== true) continue;
    const [, host, pid] = parts;
    const isGone = host === HOST && !isRunning(Number.parseInt(pid, 36));
    if (isGone || nowMs - found.mtimeMs > DAY_MS) rmSync(path.join(folder, entry), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

// Temporary files of tests lie in memory where there is room: they are written, copied and deleted by the thousand, and a
// disk costs the kernel several times as much. A TMPDIR of one's own is left alone.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';

const MEMORY = '/dev/shm';
/** Free memory that is asked for, so that what the tests take does not press other programs. */
const ROOM_BYTES = 8 * 2 ** 30;

// the folder goes when the input ends, hence also when this process is killed
const JANITOR = `trap '' INT TERM HUP; cat >/dev/null; rm -rf "$1"`;

/** Makes a folder in memory that is gone after this process, and has the programs started from here on use it. */
export function useMemoryFolder() {
  if (process.env.TMPDIR || !hasRoom()) return;
  const folder = mkdtempSync(path.join(MEMORY, 'ta-'));
  chmodSync(folder, 0o755); // servers may run under another account
  if (!canRunPrograms(folder)) return rmSync(folder, { recursive: true });
  const janitor = spawn('sh', ['-c', JANITOR, 'janitor', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  janitor.unref();
  janitor.stdin.unref();
  process.env.TMPDIR = folder;
}

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ROOM_BYTES && freemem() > ROOM_BYTES;
  } catch {
    return false; // only Linux has it
  }
}

function canRunPrograms(folder) {
  const program = path.join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  try {
    execFileSync(program);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program);
  }
}

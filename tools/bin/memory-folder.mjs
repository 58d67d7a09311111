// Keeps temporary files of tests in memory if there is room: they are written, copied and deleted by the thousand, and a disk
// costs the kernel several times as much. A TMPDIR that is already set is used instead.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';

const MEMORY = '/dev/shm';
/** Free memory that is required, so that the tests do not take memory that other programs need. */
const ROOM_BYTES = 8 * 2 ** 30;

// the folder is removed when the janitor's input ends, so also when this process is killed
const JANITOR = `trap '' INT TERM HUP; cat >/dev/null; rm -rf "$1"`;

/** Makes a folder in memory that is removed after this process, and makes it the TMPDIR of the programs started from now on. */
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

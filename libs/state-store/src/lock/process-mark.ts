import { readFileSync } from 'node:fs';

/** Whether a process with this number runs on this host. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // it runs, but belongs to somebody else
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Text that tells a process from a later one with the same number: boot and start time, where the system offers them
 * (Linux); null elsewhere and for a process that does not run.
 */
export function processMark(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name in parentheses may hold anything; field 22 counted from behind it is the start time
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}/${fields[19]}`;
  } catch {
    return null;
  }
}

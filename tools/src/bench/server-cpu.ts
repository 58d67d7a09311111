import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks per second in `/proc`: always 100 in the interface to user space. */
const TICKS = 100;

/**
 * Processor seconds used so far by a server: its main process, the processes it has now and those that ended.
 *
 * @param pid the main process
 * @returns NaN where there is no `/proc`
 */
export async function treeCpuSeconds(pid: number): Promise<number> {
  const main = await readStat(pid);
  if (main === null) return Number.NaN;
  let ticks = main.own + main.ended;
  const names = await readdir('/proc').catch(() => []);
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readStat(Number(name));
    if (stat?.parent === pid) ticks += stat.own + stat.ended;
  }
  return ticks / TICKS;
}

async function readStat(pid: number): Promise<{ parent: number; own: number; ended: number } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // the name in parentheses may contain blanks; the fields after it (state, parent, …) do not
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number => Number(fields[index]);
  return { parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
}

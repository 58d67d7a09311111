import { randomBytes } from 'node:crypto';

/** A short, sortable id that is unique even among shards started together: start time and eight random hex digits. */
export function newRunId(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(4).toString('hex')}`;
}

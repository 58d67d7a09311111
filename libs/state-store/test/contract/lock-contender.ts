// node --import tsx lock-contender.ts <lock file> <run id>: asks once for the lock, says what came of it, and keeps it
// long enough for the other contenders to ask.
import { openFileLock } from '../../src/lock/file-lock.ts';

const [, , path, runId] = process.argv;
const source = openFileLock(path, { runId, command: 'test', waitMs: 0, nowMs: Date.now() });
const attempt = await source.attempt();
console.log('lock' in attempt ? 'held' : 'busy');
if ('lock' in attempt) await new Promise((resolve) => setTimeout(resolve, 10_000));

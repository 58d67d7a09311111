// node --import tsx lock-contender.ts <data folder> <run id>: asks once for the run lock, says what came of it, and keeps it until
// it is killed.
import { openFileLock } from '../../src/lock/file-lock.ts';

const [, , dir, runId] = process.argv;
const source = openFileLock(dir, 'run', { runId, command: 'test', waitMs: 0, nowMs: Date.now() });
const attempt = await source.attempt();
console.log('lock' in attempt ? `held ${attempt.lock.warning ?? ''}` : `busy ${attempt.holder.runId ?? ''}`);
if ('lock' in attempt) setInterval(() => undefined, 1_000);

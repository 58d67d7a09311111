// lock-contender <data folder> <run id> [ms]: asks once for the run lock with a wall clock so far ahead, says
// what came of it, and keeps it until it is killed. Woken after it stood still, it says whether it still has it.
import { openFileLock } from '../../src/lock/file-lock.ts';

const [, , dir, runId, aheadMs = '0'] = process.argv;
const request = { runId, command: 'test', waitMs: 0, nowMs: Date.now() + Number(aheadMs) };
const attempt = await openFileLock(dir, 'run', request).attempt();
if ('lock' in attempt) {
  const { lock } = attempt;
  // before anything is said: who hears it may stop this process at once
  process.on('SIGCONT', () => void lock.isHeld().then((isHeld) => console.log(isHeld ? 'awake, held' : 'awake, lost')));
  setInterval(() => undefined, 1_000);
}
console.log('lock' in attempt ? `held ${attempt.lock.warning ?? ''}` : `busy ${attempt.holder.runId ?? ''}`);

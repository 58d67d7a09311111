import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From where a process comes to the folder. */
export const PLACES = ['here', 'other mount', 'other processes', 'other host name', 'container'] as const;
export type Place = (typeof PLACES)[number];

/** What the first holder does when the second one comes. */
export type Holder = 'works' | 'stands still' | 'was killed';

/** What is done to the note in the lock file before the second one comes. */
export type Note = 'as it is' | 'old' | 'in the future' | 'of the second itself' | 'emptied';

/** Two processes that want one folder. */
export interface LockScenario {
  readonly first: Place;
  readonly second: Place;
  readonly holder: Holder;
  readonly note: Note;
}

/** Every place with every other, and every state of the holder; and what notes may be made to say. */
export function lockScenarios(): LockScenario[] {
  const pairs = PLACES.flatMap((first) => PLACES.map((second) => ({ first, second })));
  const states = pairs.flatMap((pair, i) =>
    (['works', 'stands still', 'was killed'] as const)
      // each pair with two of the three states, each state with most pairs
      .filter((_, state) => state !== i % 3)
      .map((holder) => ({ ...pair, holder, note: 'as it is' as const })),
  );
  const notes = (['old', 'in the future', 'of the second itself', 'emptied'] as const).flatMap((note) =>
    (['works', 'was killed'] as const).map((holder) => ({
      ...({ first: 'container', second: 'other mount' } as const),
      ...{ holder, note },
    })),
  );
  return [...states, ...notes];
}

/** Whether this machine lets us make namespaces and mounts. */
export function canUnshare(): boolean {
  return spawnSync('unshare', ['-m', '-p', '-u', '-n', '--fork', 'true']).status === 0;
}

/** What is wrong with the outcome; null when it is as it must be: never two holders, never a lock without one. */
export async function faultOf(scenario: LockScenario): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'ta-locks-'));
  const dir = join(folder, 'pg');
  mkdirSync(join(folder, 'mount'), { recursive: true });
  mkdirSync(dir);
  const first = contender(folder, scenario.first, 'first');
  const contenders = [first];
  try {
    if (!(await first.answer).startsWith('held')) return `the first one found ${await first.answer}`;
    if (scenario.holder === 'stands still') first.signal('SIGSTOP');
    if (scenario.holder === 'was killed') await first.kill();
    changeNote(join(dir, 'ta-run.lock'), scenario.note);
    const second = contender(folder, scenario.second, 'second');
    contenders.push(second);
    const answer = await second.answer;
    const isFree = scenario.holder === 'was killed';
    if (answer.startsWith('held') !== isFree) return `the second one found ${answer}`;
    if (isFree) return null;
    await first.kill();
    const third = contender(folder, scenario.second, 'third');
    contenders.push(third);
    return (await third.answer).startsWith('held') ? null : `the third one found ${await third.answer}`;
  } finally {
    for (const each of contenders) await each.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function changeNote(path: string, note: Note): void {
  if (note === 'emptied') writeFileSync(path, '');
  if (note === 'old') utimesSync(path, 1, 1);
  if (note === 'in the future') utimesSync(path, 4e9, 4e9);
  // a number of a process that runs where the second one is: 1 does everywhere
  if (note === 'of the second itself')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: 1 }));
}

interface Contender {
  readonly answer: Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Ends it as a power cut of its container would. */
  kill(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./contract/lock-contender.ts', import.meta.url));
const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

function contender(folder: string, place: Place, runId: string): Contender {
  const mount = join(folder, 'mount');
  const dir = place === 'here' || place === 'other processes' ? join(folder, 'pg') : join(mount, 'pg');
  const program = [process.execPath, '--import', 'tsx', SCRIPT, dir, runId].map(quoted).join(' ');
  const bound = `mount --bind ${quoted(folder)} ${quoted(mount)} && exec ${program}`;
  const hosted = `hostname elsewhere && ${bound}`;
  const child = spawn(...commandOf(place, program, bound, hosted), {
    cwd: PACKAGE,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const answer = new Promise<string>((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('close', () => resolve('nothing: it ended'));
  });
  return {
    answer,
    signal: (name) => send(child, name),
    async kill() {
      send(child, 'SIGKILL');
      await ended;
    },
  };
}

function commandOf(place: Place, program: string, bound: string, hosted: string): [string, string[]] {
  const unshare = (flags: string[], script: string): [string, string[]] => [
    'unshare',
    [...flags, '--fork', '--kill-child', 'sh', '-c', script],
  ];
  switch (place) {
    case 'here':
      return ['sh', ['-c', `exec ${program}`]];
    case 'other mount':
      return unshare(['-m'], bound);
    case 'other processes':
      return unshare(['-p', '-m', '--mount-proc'], `exec ${program}`);
    case 'other host name':
      return unshare(['-u', '-m'], hosted);
    case 'container':
      return unshare(['-m', '-p', '-u', '-n', '-i', '--mount-proc'], hosted);
  }
}

/** To the whole group: the one that made the namespaces and the one inside. */
function send(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), name);
  } catch {
    // it has ended
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

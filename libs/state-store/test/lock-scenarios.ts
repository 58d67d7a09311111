import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** From where a process comes to the folder, each with each. */
const PLACES = ['here', 'other mount', 'other processes', 'other host name', 'container'] as const;

/** Ways that are tried from both sides with the plainest place and with the most remote one. */
const OTHER_WAYS = ['link', 'other clock'] as const;

export type Place = (typeof PLACES)[number] | (typeof OTHER_WAYS)[number];

/** What the first holder does when the second one comes. */
export type Holder = 'works' | 'stands still' | 'was killed';

/** What is done to the note in the lock file before the second one comes. */
export type Note = 'as it is' | 'old' | 'in the future' | 'with a number in use' | 'emptied';

/** Two processes that want one folder. */
export interface LockScenario {
  readonly first: Place;
  readonly second: Place;
  readonly holder: Holder;
  readonly note: Note;
}

/** Every place with every other, and every state of the holder; and what notes may be made to say. */
export function lockScenarios(): LockScenario[] {
  const pairs: { first: Place; second: Place }[] = [
    ...PLACES.flatMap((first) => PLACES.map((second) => ({ first, second }))),
    ...OTHER_WAYS.flatMap((way) => [
      { first: way, second: 'here' as const },
      { first: 'here' as const, second: way },
      { first: way, second: 'container' as const },
      { first: 'container' as const, second: way },
    ]),
  ];
  const states = pairs.flatMap((pair, i) =>
    (['works', 'stands still', 'was killed'] as const)
      // each pair with two of the three states, each state with most pairs
      .filter((_, state) => state !== i % 3)
      .map((holder) => ({ ...pair, holder, note: 'as it is' as const })),
  );
  const notes = (['old', 'in the future', 'with a number in use', 'emptied'] as const).flatMap((note) =>
    (['works', 'was killed'] as const).map((holder) => ({
      ...({ first: 'container', second: 'other mount' } as const),
      ...{ holder, note },
    })),
  );
  return [...states, ...notes];
}

/** Whether this machine lets us make what the scenario needs: namespaces and mounts. */
export function isPossible({ first, second }: LockScenario): boolean {
  return [first, second].every((place) => {
    if (place === 'here' || place === 'link') return true;
    return place === 'other clock' ? canUnshare.clocks() : canUnshare.places();
  });
}

const canUnshare = {
  places: once(() => spawnSync('unshare', ['-m', '-p', '-u', '-n', '-i', '--fork', 'true']).status === 0),
  clocks: once(() => spawnSync('unshare', [...OTHER_CLOCK, '--fork', 'true']).status === 0),
};

function once<T>(ask: () => T): () => T {
  let answer: T | undefined;
  return () => (answer ??= ask());
}

/** What is wrong with the outcome; null when it is as it must be: never two holders, never a lock without one. */
export async function faultOf(scenario: LockScenario): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'ta-locks-'));
  const dir = join(folder, 'pg');
  mkdirSync(join(folder, 'mount'), { recursive: true });
  mkdirSync(dir);
  symlinkSync(dir, join(folder, 'link'));
  const first = contender(folder, scenario.first, 'first');
  const contenders = [first];
  try {
    const found = await first.answer();
    if (!found.startsWith('held')) return `the first one found ${found}`;
    if (scenario.holder === 'stands still') first.signal('SIGSTOP');
    if (scenario.holder === 'was killed') await first.kill();
    changeNote(join(dir, 'ta-run.lock'), scenario.note);
    const second = contender(folder, scenario.second, 'second');
    contenders.push(second);
    const answer = await second.answer();
    const isFree = scenario.holder === 'was killed';
    if (answer.startsWith('held') !== isFree) return `the second one found ${answer}`;
    if (isFree) return null;
    if (scenario.holder === 'stands still') {
      first.signal('SIGCONT');
      const awake = await first.answer();
      if (awake !== 'awake, held') return `the first one, awake again, found ${awake}`;
    }
    await first.kill();
    const third = contender(folder, scenario.second, 'third');
    contenders.push(third);
    const left = await third.answer();
    return left.startsWith('held') ? null : `the third one found ${left}`;
  } finally {
    for (const each of contenders) await each.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function changeNote(path: string, note: Note): void {
  if (note === 'emptied') writeFileSync(path, '');
  if (note === 'old') utimesSync(path, 1, 1);
  if (note === 'in the future') utimesSync(path, 4e9, 4e9);
  // a process with the number 1 runs wherever the second one is
  if (note === 'with a number in use')
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: 1 }));
}

interface Contender {
  /** The next line that it says. */
  answer(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Ends it as a power cut of its container would. */
  kill(): Promise<void>;
}

/** Ten days after the others' boot; the wall clock, which has no namespace, is told to be a day behind. */
const OTHER_CLOCK = ['-T', '--monotonic', '864000'];
const A_DAY_BEHIND_MS = -86_400_000;

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** Built once, where its packages are found: loading it from source takes longer than what it does. */
export const contenderScript = once(() => {
  const built = join(PACKAGE, 'dist', `lock-contender-${process.pid}.mjs`);
  buildSync({
    entryPoints: [join(PACKAGE, 'test/contract/lock-contender.ts')],
    outfile: built,
    ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm' },
  });
  process.once('exit', () => rmSync(built, { force: true }));
  return built;
});

/** Where those find the folder that do not go through a mount. */
const DIRECT: Partial<Record<Place, string>> = {
  ...{ here: 'pg', 'other processes': 'pg', 'other clock': 'pg', link: 'link' },
};

function contender(folder: string, place: Place, runId: string): Contender {
  const mount = join(folder, 'mount');
  const dir = DIRECT[place] ?? 'mount/pg';
  const words = [contenderScript(), join(folder, dir), runId, String(place === 'other clock' ? A_DAY_BEHIND_MS : 0)];
  const program = [process.execPath, ...words].map(quoted).join(' ');
  const bound = `mount --bind ${quoted(folder)} ${quoted(mount)} && exec ${program}`;
  const hosted = `hostname elsewhere && ${bound}`;
  const child = spawn(...commandOf(place, program, bound, hosted), {
    cwd: PACKAGE,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]();
  return {
    async answer() {
      const { value, done } = await lines.next();
      return done === true ? 'nothing: it ended' : value.trim();
    },
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
    case 'link':
      return ['sh', ['-c', `exec ${program}`]];
    case 'other mount':
      return unshare(['-m'], bound);
    case 'other processes':
      return unshare(['-p', '-m', '--mount-proc'], `exec ${program}`);
    case 'other clock':
      return unshare(OTHER_CLOCK, `exec ${program}`);
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

// node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source tools/src/mutation/main.ts [options]
//   --mutants N     how many of each part (default 10)
//   --seed N        which ones, and the seed of the property tests (default 1)
//   --part NAME     cores, pipeline, store or validator alone
//   --against DIR   a clone of another commit, installed: only mutants that are possible in both, tried on both
// Changes one token of the source at a time, in a copy of the commit, and runs the tests concerned, the nearest and
// cheapest first, until one fails. Prints by which tests each was caught, and the survivors. No part of the check.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startPostgres } from '../postgres-server.ts';
import { mutantsOf, mutated, placeOf, type Mutant } from './mutants.ts';

/** What vitest is to run: names of projects, then parts of the paths of specs. */
type Choice = readonly [projects: string, ...specs: string[]];

/** Sources of a part, and the tests that are to notice a change of them beside those in its folder, the cheapest first. */
const PARTS: Record<string, { readonly folders: readonly string[]; readonly tests: readonly Choice[] }> = {
  cores: {
    folders: ['libs/bars-core/src', 'libs/ema-core/src'],
    tests: [['bars-core ema-core'], ['tools', 'golden.spec'], ['pipeline', 'histories']],
  },
  pipeline: {
    folders: ['libs/pipeline/src'],
    tests: [['pipeline', 'found-defects', 'failure-policy'], ['pipeline'], ['work-queue'], ['cli', 'test/scenarios']],
  },
  store: {
    folders: ['libs/state-store/src'],
    tests: [['state-store', 'store-pglite'], ['state-store'], ['pipeline']],
  },
  validator: {
    folders: ['libs/validation/src', 'apps/validator/src'],
    tests: [['validation', 'planted-defects', 'clean-database'], ['validation validator']],
  },
};

/** A mutant may wait for ever, or run for ever. */
const LIMIT_MS = 600_000;

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    part: { type: 'string' },
    against: { type: 'string' },
  },
});
/** Whether tests pass without any mutant, by copy and choice. */
const passing = new Map<string, boolean>();
const scratch = mkdtempSync(path.join(tmpdir(), 'ta-mutants-'));
const roots = [
  path.resolve(import.meta.dirname, '../../..'),
  ...(values.against ? [path.resolve(values.against)] : []),
];

try {
  const copies = roots.map(copyOf);
  const survivors: string[] = [];
  const caught = copies.map(() => 0);
  let tried = 0;
  for (const part of values.part === undefined ? Object.keys(PARTS) : [values.part]) {
    for (const place of drawn(commonPlaces(copies, PARTS[part].folders))) {
      tried++;
      for (const [at, copy] of copies.entries()) {
        const mutant = placesOf(copy, PARTS[part].folders).get(place) as Mutant;
        const told = `${mutant.file}:${mutant.line} ${mutant.before} to ${mutant.after}`;
        const by = await noticedBy(copy, mutant, PARTS[part].tests);
        console.log(
          `${by === null ? '[SURVIVED]' : `caught by ${by}:`} ${told}${at === 0 ? '' : ' (the other commit)'}`,
        );
        if (by !== null) caught[at]++;
        else if (at === 0) survivors.push(told);
      }
    }
  }
  console.log(`\nseed ${values.seed}: ${caught.map((n) => `${n} of ${tried} caught`).join('; by the other commit ')}`);
  for (const told of survivors) console.log(`- ${told}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Clones a commit, and gives it the installed packages of that clone and its own as packages of the workspace. */
function copyOf(root: string, at: number): string {
  const copy = path.join(scratch, String(at));
  must('git', ['clone', '-q', root, copy], root);
  const projects = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(path.join(copy, folder)).map((name) => `${folder}/${name}`),
  );
  for (const project of ['.', 'tools', ...projects]) {
    const from = path.join(root, project, 'node_modules');
    if (!existsSync(from)) continue;
    const to = path.join(copy, project, 'node_modules');
    mkdirSync(path.join(to, '@ta'), { recursive: true });
    for (const name of readdirSync(from)) if (name !== '@ta') symlinkSync(path.join(from, name), path.join(to, name));
  }
  for (const project of ['tools', ...projects]) {
    const name = path.basename(project);
    symlinkSync(path.join(copy, project), path.join(copy, 'node_modules/@ta', name));
  }
  return copy;
}

/** The mutants of some folders by place. */
function placesOf(copy: string, folders: readonly string[]): Map<string, Mutant> {
  const present = folders.filter((folder) => existsSync(path.join(copy, folder)));
  const files = must('git', ['ls-files', ...present], copy)
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !/\.(spec|test-d)\.ts$|\/index\.ts$/.test(file));
  return new Map(
    files.flatMap((file) => {
      const text = readFileSync(path.join(copy, file), 'utf8');
      return mutantsOf(file, text).map((mutant) => [placeOf(text, mutant), mutant]);
    }),
  );
}

function commonPlaces(copies: readonly string[], folders: readonly string[]): string[] {
  const [own, ...others] = copies.map((copy) => placesOf(copy, folders));
  return [...own.keys()].filter((place) => others.every((places) => places.has(place)));
}

function drawn(places: readonly string[]): string[] {
  const count = Math.min(places.length, Number(values.mutants));
  const some = fc.shuffledSubarray([...places], { minLength: count, maxLength: count });
  return fc.sample(some, { seed: Number(values.seed), numRuns: 1 })[0];
}

/** The tests that fail with the mutant, and without it do not; null when none does. */
async function noticedBy(copy: string, mutant: Mutant, tests: readonly Choice[]): Promise<string | null> {
  const file = path.join(copy, mutant.file);
  const text = readFileSync(file, 'utf8');
  const [, project] = mutant.file.split('/');
  const beside = path.dirname(mutant.file).replace(/^(?:libs|apps)\/[^/]+\//, '');
  for (const choice of [[project, `${beside}/`] as Choice, ...tests]) {
    writeFileSync(file, mutated(text, mutant));
    const isPassed = await passes(copy, choice).finally(() => writeFileSync(file, text));
    if (isPassed) continue;
    const key = `${copy} ${choice.join(' ')}`;
    if (!passing.has(key)) passing.set(key, await passes(copy, choice));
    if (passing.get(key)) return choice.join(' ');
    console.log(`without any mutant these fail as well: ${choice.join(' ')} in ${copy}`);
  }
  return null;
}

async function passes(copy: string, choice: Choice): Promise<boolean> {
  // a server of its own: what a mutant leaves there must not fail the tests of the next
  const server = await startPostgres({ settings: { fsync: 'off', timezone: 'Asia/Kolkata' } });
  try {
    return await passesOn(server.url, copy, choice);
  } finally {
    await server.stop();
  }
}

async function passesOn(url: string, copy: string, [names, ...specs]: Choice): Promise<boolean> {
  const projects = names.split(' ');
  const bundler = path.join(copy, 'tools/bin/bundle-app.mjs');
  if (projects.includes('cli') && existsSync(bundler)) must(process.execPath, [bundler, 'cli', 'validator'], copy);
  const args = [
    ...['node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((project) => ['--project', project]), ...specs],
    ...['--bail=1', '--passWithNoTests', '--silent', '--reporter=dot', '--maxWorkers=1'],
  ];
  const env = { ...process.env, TA_SEED: values.seed, TEST_DATABASE_URL: url, REQUIRE_PG: '1' };
  const child = spawn(process.execPath, args, { cwd: copy, env, stdio: 'ignore', detached: true });
  const end = () => process.kill(-(child.pid as number), 'SIGKILL');
  const limit = setTimeout(end, LIMIT_MS);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(limit);
  try {
    end(); // workers that run for ever outlive their parent
  } catch {
    // none did
  }
  return code === 0;
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

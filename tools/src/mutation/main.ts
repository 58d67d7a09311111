// node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source tools/src/mutation/main.ts [options]
//   --mutants N     how many of each part (default 10)
//   --seed N        which ones, and the seed of the property tests (default 1)
//   --skip N        how many of them to skip, to continue a run that ended early (default 0)
//   --part NAME     only this part: cores, pipeline, store or validator
//   --against DIR   a clone of another commit, with its packages: survivors that are possible there are tried there as well
// Changes one token of the source at a time, in a copy of the commit, and runs the specs concerned, the nearest importers
// first, until one fails. Prints which spec caught each mutant, and the survivors. Not part of the check.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
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
import { distancesTo, importersOf } from './imports.ts';
import { mutantsOf, mutated, placeOf, type Mutant } from './mutants.ts';
import { firstFailure } from './ordered-specs.ts';

/** A clone of a commit, in which the mutants are made. */
interface Copy {
  readonly root: string;
  readonly files: readonly string[];
  readonly importers: ReadonlyMap<string, readonly string[]>;
}

/** The source folders of a part, and the places of the specs that should notice a change in them. */
interface Part {
  readonly folders: readonly string[];
  /** Of the specs here, those that load the changed file run, the nearest first. */
  readonly specs: readonly string[];
  /** All specs here run after those, since they start processes of their own, whose imports are not visible. */
  readonly processes?: readonly string[];
}

const PARTS: Record<string, Part> = {
  cores: {
    folders: ['libs/bars-core/src', 'libs/ema-core/src'],
    specs: ['libs/bars-core/', 'libs/ema-core/', 'tools/test/golden/', 'libs/pipeline/test/edited-histories'],
  },
  pipeline: {
    folders: ['libs/pipeline/src'],
    specs: ['libs/pipeline/', 'libs/work-queue/'],
    processes: ['apps/cli/test/scenarios/'],
  },
  store: { folders: ['libs/state-store/src'], specs: ['libs/state-store/', 'libs/pipeline/'] },
  validator: {
    folders: ['libs/validation/src', 'apps/validator/src'],
    specs: ['libs/validation/', 'apps/validator/src/'],
    processes: ['apps/validator/test/'],
  },
};

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    skip: { type: 'string', default: '0' },
    part: { type: 'string' },
    against: { type: 'string' },
  },
});
/** Whether a spec passes without any mutant, by clone and spec. */
const passing = new Map<string, boolean>();
const scratch = mkdtempSync(path.join(tmpdir(), 'ta-mutants-'));
chmodSync(scratch, 0o755); // servers may run under another account

try {
  const own = copyOf(path.resolve(import.meta.dirname, '../../..'), 'own');
  const other = values.against === undefined ? null : copyOf(path.resolve(values.against), 'other');
  const survivors: { readonly told: string; readonly place: string; readonly part: Part }[] = [];
  let tried = 0;
  for (const part of values.part === undefined ? Object.values(PARTS) : [PARTS[values.part]]) {
    const places = placesOf(own, part);
    for (const place of drawn([...places.keys()]).slice(Number(values.skip))) {
      tried++;
      const mutant = places.get(place) as Mutant;
      const by = await noticedBy(own, mutant, part);
      const told = `${mutant.file}:${mutant.line}:${mutant.column} ${mutant.before} to ${mutant.after}`;
      console.log(`${by === null ? '[SURVIVED]' : `caught by ${by}:`} ${told}`);
      if (by === null) survivors.push({ told, place, part });
    }
  }
  console.log(`\nseed ${values.seed}: ${tried - survivors.length} of ${tried} caught`);
  for (const { told, place, part } of survivors)
    console.log(`- ${told}${other === null ? '' : ` (${await fateIn(other, place, part)})`}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** What happens to a mutant in the other commit. */
async function fateIn(other: Copy, place: string, part: Part): Promise<string> {
  const mutant = placesOf(other, part).get(place);
  if (mutant === undefined) return 'not possible in the other commit';
  const by = await noticedBy(other, mutant, part);
  return by === null ? 'survived in the other commit too' : `caught in the other commit by ${by}`;
}

/** Clones a commit; links the packages installed in the original, and the clone's own folders as packages of the workspace. */
function copyOf(root: string, name: string): Copy {
  const copy = path.join(scratch, name);
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
  const files = must('git', ['ls-files', '*.ts', '*.tsx', '*.mts'], copy).trimEnd().split('\n');
  const sources = new Map(files.map((file) => [file, readFileSync(path.join(copy, file), 'utf8')]));
  return { root: copy, files, importers: importersOf(sources, entriesOf(copy, ['tools', ...projects])) };
}

/** The entry files of the workspace's packages, by the names that imports use. */
function entriesOf(copy: string, projects: readonly string[]): Map<string, string> {
  const entries = new Map<string, string>();
  for (const project of projects) {
    const { name, exports = {} } = JSON.parse(readFileSync(path.join(copy, project, 'package.json'), 'utf8')) as {
      readonly name: string;
      readonly exports?: Record<string, string | { readonly '@ta/source'?: string }>;
    };
    for (const [at, found] of Object.entries(exports)) {
      const source = typeof found === 'string' ? found : found['@ta/source'];
      if (source !== undefined) entries.set(path.posix.join(name, at), path.posix.join(project, source));
    }
  }
  return entries;
}

/** The mutants of a part by place. */
function placesOf({ root, files }: Copy, { folders }: Part): Map<string, Mutant> {
  const sources = files.filter(
    (file) =>
      folders.some((folder) => file.startsWith(`${folder}/`)) && !/\.(spec|test-d)\.ts$|\/index\.ts$/.test(file),
  );
  return new Map(
    sources.flatMap((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return mutantsOf(file, text).map((mutant) => [placeOf(text, mutant), mutant]);
    }),
  );
}

function drawn(places: readonly string[]): string[] {
  const count = Math.min(places.length, Number(values.mutants));
  const some = fc.shuffledSubarray([...places], { minLength: count, maxLength: count });
  return fc.sample(some, { seed: Number(values.seed), numRuns: 1 })[0];
}

/** The spec that fails with the mutant and passes without it, or null when there is none. */
async function noticedBy(copy: Copy, mutant: Mutant, part: Part): Promise<string | null> {
  const { root } = copy;
  const file = path.join(root, mutant.file);
  const text = readFileSync(file, 'utf8');
  const options = { root, seed: values.seed, folder: path.join(scratch, 'run') };
  const { near, processes } = specsFor(copy, mutant.file, part);
  for (const group of [near, processes]) {
    for (let left = group.filter((spec) => passing.get(`${root} ${spec}`) !== false); left.length > 0;) {
      writeFileSync(file, mutated(text, mutant));
      if (group === processes) bundle(root);
      const failed = await firstFailure(left, options).finally(() => writeFileSync(file, text));
      if (failed === null) break;
      const key = `${root} ${failed}`;
      if (!passing.has(key)) {
        if (group === processes) bundle(root);
        passing.set(key, (await firstFailure([failed], options)) === null);
      }
      if (passing.get(key)) return failed;
      console.log(`without any mutant it fails as well: ${failed} in ${root}`);
      left = left.slice(left.indexOf(failed) + 1);
    }
  }
  return null;
}

/** The specs that load a file, the nearest first, and those that start processes. */
function specsFor({ files, importers }: Copy, file: string, part: Part): { near: string[]; processes: string[] } {
  const isIn = (spec: string, places: readonly string[]) => places.some((place) => spec.startsWith(place));
  const near = [...distancesTo(file, importers)]
    .filter(([spec]) => spec.endsWith('.spec.ts') && isIn(spec, part.specs))
    .toSorted(([a, nearA], [b, nearB]) => nearA - nearB || (a < b ? -1 : 1))
    .map(([spec]) => spec);
  const processes = files.filter((spec) => spec.endsWith('.spec.ts') && isIn(spec, part.processes ?? []));
  return { near, processes: processes.filter((spec) => !near.includes(spec)) };
}

/** Builds the programs that specs start. */
function bundle(root: string): void {
  const bundler = path.join(root, 'tools/bin/bundle-app.mjs');
  if (existsSync(bundler)) must(process.execPath, [bundler, 'cli', 'validator'], root);
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

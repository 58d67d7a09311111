// node tools/bin/with-postgres.mjs node --import tsx --conditions=@ta/source tools/src/mutation/main.ts [options]
//   --mutants N     how many (default 40), shared out over the four parts
//   --seed N        which ones, and the seed of the property tests (default 1)
//   --part NAME     cores, pipeline, store or validator alone
// Changes one token of the source at a time, in a copy of the commit, and runs the tests concerned until one fails. Prints
// what was caught, and the survivors. Hours; no part of the check.
import { spawnSync } from 'node:child_process';
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
import { mutantsOf, mutated, type Mutant } from './mutants.ts';

/** Sources of a part, and the tests that are to notice a change of them, the cheapest first. */
const PARTS: Record<string, { readonly folders: readonly string[]; readonly tests: readonly (readonly string[])[] }> = {
  cores: {
    folders: ['libs/bars-core/src', 'libs/ema-core/src'],
    tests: [
      ['bars-core', 'ema-core'],
      ['tools', 'golden'],
      ['pipeline', 'histories'],
    ],
  },
  pipeline: { folders: ['libs/pipeline/src'], tests: [['pipeline'], ['cli', 'scenarios']] },
  store: { folders: ['libs/state-store/src'], tests: [['state-store'], ['pipeline'], ['cli', 'roles tls secrets']] },
  validator: { folders: ['libs/validation/src', 'apps/validator/src'], tests: [['validation', 'validator']] },
};

const PROJECTS = ['bars-core', 'ema-core', 'tools', 'pipeline', 'cli', 'state-store', 'validation', 'validator'];

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    part: { type: 'string' },
  },
});
const parts = values.part === undefined ? Object.keys(PARTS) : [values.part];
const each = Math.ceil(Number(values.mutants) / parts.length);
const root = path.resolve(import.meta.dirname, '../../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'ta-mutants-'));
const copy = path.join(scratch, 'main');

try {
  must('git', ['clone', '-q', root, copy], root);
  linkModules();
  const survivors: string[] = [];
  let caught = 0;
  for (const part of parts) {
    for (const mutant of drawn(allMutants(PARTS[part].folders))) {
      const told = `${mutant.file}:${mutant.line} ${mutant.before} to ${mutant.after}`;
      const by = noticedBy(mutant, PARTS[part].tests);
      console.log(`${by === null ? '[SURVIVED]' : `caught by ${by}:`} ${told}`);
      if (by === null) survivors.push(told);
      else caught++;
    }
  }
  console.log(`\nseed ${values.seed}: ${caught} of ${caught + survivors.length} caught; survivors:`);
  for (const told of survivors) console.log(`- ${told}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Gives the copy the installed packages of this clone, and as packages of the workspace its own. */
function linkModules(): void {
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
}

function allMutants(folders: readonly string[]): Mutant[] {
  const files = must('git', ['ls-files', ...folders], copy)
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !/\.(spec|test-d)\.ts$|\/index\.ts$/.test(file));
  return files.flatMap((file) => mutantsOf(file, readFileSync(path.join(copy, file), 'utf8')));
}

function drawn(mutants: readonly Mutant[]): Mutant[] {
  const some = fc.shuffledSubarray([...mutants], { minLength: each, maxLength: each });
  return fc.sample(some, { seed: Number(values.seed), numRuns: 1 })[0];
}

/** Project whose tests fail with the mutant; null when none does. */
function noticedBy(mutant: Mutant, tests: readonly (readonly string[])[]): string | null {
  const file = path.join(copy, mutant.file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, mutated(text, mutant));
  try {
    return tests.find((choice) => !passes(choice))?.join(' ') ?? null;
  } finally {
    writeFileSync(file, text);
  }
}

function passes(choice: readonly string[]): boolean {
  const projects = choice.filter((word) => PROJECTS.includes(word));
  const files = choice.filter((word) => !PROJECTS.includes(word)).flatMap((words) => words.split(' '));
  const flags = projects.flatMap((project) => ['--project', project]);
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', ...flags, ...files, '--bail=1', '--silent', '--reporter=dot'];
  const env = { ...process.env, TA_SEED: values.seed };
  // a mutant may wait for ever
  return spawnSync(process.execPath, args, { cwd: copy, env, stdio: 'ignore', timeout: 1_800_000 }).status === 0;
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

// The whole check, in an order that finds mistakes as cheaply as possible; its last line counts the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumPath, NO_CHROMIUM } from './chromium.mjs';
// a file of the workspace, which belongs to no project: the specs of several use it
// oxlint-disable-next-line @nx/enforce-module-boundaries
import { installPeers } from '../../vitest.peers.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const bin = path.join(root, 'node_modules', '.bin');
const scratch = mkdtempSync(path.join(tmpdir(), 'ta-check-'));
const results = path.join(scratch, 'results.json');
const statements = path.join(scratch, 'statements');
mkdirSync(statements);

// services that run this keep only the last lines of its output, so these must say what failed
const LAST_LINES = 20;

const steps = [
  ['project tags', 'node', ['tools/bin/check-tags.mjs']],
  ['supply chain', 'node', ['--import', 'tsx', 'tools/src/supply-chain/main.ts']],
  ['format', 'oxfmt', ['--check', '.']],
  // one program per project, specs included, with the declarations that it refers to; a single checker, since several would
  // each check the types that all use, and a garbage collector that runs less often
  ['types', 'node', ['node_modules/typescript-7/bin/tsc', '--build', '--checkers', '1'], { GOGC: '400' }],
  ['commands', 'node', ['tools/bin/bundle-app.mjs', 'cli', 'validator']],
  ['chart page', 'vite', ['build', 'apps/dashboard', '--logLevel', 'warn']],
  // the lint rule on boundaries reads the stored graph of projects
  ['project graph', 'nx', ['show', 'projects'], { NX_ISOLATE_PLUGINS: 'false' }],
  ['lint', 'oxlint', ['--report-unused-disable-directives', '--deny-warnings']],
  [
    'tests',
    'node',
    [
      'tools/bin/with-postgres.mjs',
      'vitest',
      'run',
      '--reporter=default',
      `--reporter=${path.join(root, 'tools/bin/test-results.mjs')}`,
    ],
    // every Node process of the tests records the statements that it sends
    {
      TA_TEST_RESULTS: results,
      TA_STATEMENTS: statements,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${pathToFileURL(path.join(root, 'tools/bin/record-statements.mjs'))}`,
    },
  ],
  ['statements', 'node', ['--import', 'tsx', '--conditions=@ta/source', 'tools/src/statements/main.ts', statements]],
];

const chromium = chromiumPath();
const lastLines = [...(chromium === null ? [NO_CHROMIUM] : []), ...installPeers()];
for (const line of lastLines) process.stdout.write(`\n${line}\n`);

let status = 0;
for (const [name, command, args, env = {}] of steps) {
  process.stdout.write(`\n== ${name}\n`);
  const startedMs = performance.now();
  const run = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(chromium === null ? {} : { CHROMIUM_PATH: chromium }),
      NX_TUI: 'false',
      NX_DAEMON: 'false',
      PATH: `${bin}${path.delimiter}${process.env.PATH}`,
      ...env,
    },
  });
  process.stdout.write(
    `== ${name}: ${run.status === 0 ? 'ok' : 'FAILED'} (${((performance.now() - startedMs) / 1000).toFixed(1)}s)\n`,
  );
  if (run.status === 0) continue;
  status = run.status ?? 1;
  lastLines.push(`FAILED: the step "${name}"; its output says why`);
  break;
}

if (existsSync(results)) {
  const { seed, passed, failed, skipped: names, failures } = JSON.parse(readFileSync(results, 'utf8'));
  const end = [...lastLines, ...names.map((name) => `SKIPPED: ${name}`)];
  for (const { name, message } of failures) {
    end.push(`FAILED: ${name} (TA_SEED=${seed})`);
    end.push(...message.slice(0, Math.max(2, Math.floor(LAST_LINES / failures.length))).map((line) => `  ${line}`));
  }
  process.stdout.write(`\n${end.join('\n')}\n${passed} passed, ${failed} failed, ${names.length} skipped\n`);
} else {
  process.stdout.write(`\n${[...lastLines, 'No test was run.'].join('\n')}\n`);
}
rmSync(scratch, { recursive: true, force: true });
process.exit(status);

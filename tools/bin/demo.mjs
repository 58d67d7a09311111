// node tools/bin/demo.mjs [arguments of ta demo]
// What `make demo` does in a fresh clone: installs, bundles only the command, and runs the demo; prints at the end how long each
// part took.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const parts = [
  ['install', 'make', ['--no-print-directory', 'install']],
  ['build', process.execPath, ['tools/bin/step.mjs', 'bundle', 'node', 'tools/bin/bundle-app.mjs', 'cli']],
  ['demo', process.execPath, ['apps/cli/bin/ta.js', 'demo', ...process.argv.slice(2)]],
];
const took = [];
for (const [name, command, args] of parts) {
  const startedMs = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  took.push(`${name} ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}
process.stdout.write(`\nTook: ${took.join(', ')}\n`);

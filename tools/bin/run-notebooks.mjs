#!/usr/bin/env node
// node tools/bin/run-notebooks.mjs
// Runs every notebook of `notebooks/` from start to end with Jupyter's nbconvert and Deno's kernel, and keeps the outputs in
// the files; any error in a cell fails. Jupyter is Debian's (jupyter-nbconvert, jupyter-client): if it is missing and this runs
// as root on a system with apt-get, it is installed. Deno comes from the npm registry (tools/runtimes).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'notebooks');
const runtimes = path.join(root, 'tools/runtimes');
const deno = path.join(runtimes, 'node_modules/.bin/deno');
const scratch = mkdtempSync(path.join(tmpdir(), 'ta-notebooks-'));

try {
  if (!hasJupyter() && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'jupyter-nbconvert', 'jupyter-client'], { env });
  }
  if (!hasJupyter()) throw new Error('jupyter-nbconvert is missing: apt-get install jupyter-nbconvert jupyter-client');
  if (!existsSync(deno)) {
    run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: runtimes });
  }
  // a notebook imports the packages as they are published: compiled
  run(path.join(root, 'node_modules/.bin/tsc'), ['-b', 'libs/notebook/tsconfig.lib.json']);
  if (!existsSync(path.join(root, '.demo/notebooks/pg'))) {
    run(process.execPath, ['tools/bin/bundle-app.mjs', 'cli']);
    run(process.execPath, ['apps/cli/bin/ta.js', 'demo', '--dir', '.demo/notebooks']);
  }
  const kernel = path.join(scratch, 'kernels/deno');
  mkdirSync(kernel, { recursive: true });
  const argv = [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'];
  writeFileSync(
    path.join(kernel, 'kernel.json'),
    JSON.stringify({ argv, display_name: 'Deno', language: 'typescript' }),
  );
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.ipynb'))
    .sort()) {
    const startedMs = performance.now();
    const options = ['--to', 'notebook', '--execute', '--inplace', '--ExecutePreprocessor.timeout=120'];
    run('jupyter-nbconvert', [...options, '--ExecutePreprocessor.kernel_name=deno', path.join(folder, name)], {
      env: { ...process.env, JUPYTER_PATH: scratch, JUPYTER_ALLOW_INSECURE_WRITES: '1', NO_COLOR: '1' },
    });
    settle(path.join(folder, name));
    process.stdout.write(
      `${name}: runs from start to end (${((performance.now() - startedMs) / 1000).toFixed(1)} s)\n`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Removes what differs from run to run without meaning anything, so that changes of the outputs are visible. */
function settle(file) {
  const notebook = JSON.parse(readFileSync(file, 'utf8'));
  for (const cell of notebook.cells) delete cell.metadata.execution;
  notebook.metadata = {
    kernelspec: { display_name: 'Deno', language: 'typescript', name: 'deno' },
    language_info: { name: 'typescript' },
  };
  writeFileSync(file, `${JSON.stringify(notebook, null, 1)}\n`);
}

function hasJupyter() {
  return spawnSync('jupyter-nbconvert', ['--version'], { stdio: 'ignore' }).status === 0;
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  if (done.status === 0) return;
  throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`);
}

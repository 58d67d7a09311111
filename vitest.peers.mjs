#!/usr/bin/env node
// node vitest.peers.mjs
// Prints where the programs are that our files and numbers are compared with, and installs what is missing where that is
// possible: pandas from Debian (root, apt-get), polars from the npm registry. Tests of a program that is not there are
// skipped, loudly.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const PEERS = path.resolve(import.meta.dirname, 'tools/peers');
const INSTALL_MS = 300_000;

/** What is said where a program is missing. */
export const NO_PANDAS =
  'SKIPPED: comparisons with pandas (no python3 with pandas found; install python3-pandas or set PANDAS_PYTHON)';
export const NO_POLARS = 'SKIPPED: comparisons with polars (npm install in tools/peers brings it)';

/** Looks for pandas without loading it, which takes half a second of the processor. */
const HAS_PANDAS = `import importlib.util, sys; sys.exit(importlib.util.find_spec('pandas') is None)`;

/** A Python that has pandas, or null. */
export function installedPandas() {
  const candidates = [process.env.PANDAS_PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean);
  return candidates.find((python) => succeeds(python, ['-c', HAS_PANDAS])) ?? null;
}

/** polars for this Node, or null. */
export function loadPolars() {
  try {
    return createRequire(path.join(PEERS, 'package.json'))('nodejs-polars');
  } catch {
    return null;
  }
}

/** Installs what is missing and says what stays missing. */
export function installPeers() {
  if (installedPandas() === null && process.getuid?.() === 0 && succeeds('apt-get', ['--version'])) {
    process.stderr.write('Installing pandas for comparisons (apt-get install python3-pandas)\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MS };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3-pandas'], options);
  }
  if (!existsSync(path.join(PEERS, 'node_modules/nodejs-polars'))) {
    const args = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
    spawnSync('npm', args, { cwd: PEERS, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MS });
  }
  const missing = [installedPandas() === null ? NO_PANDAS : '', loadPolars() === null ? NO_POLARS : ''];
  return missing.filter((line) => line !== '');
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

if (import.meta.filename === path.resolve(process.argv[1] ?? '')) {
  for (const line of installPeers()) process.stderr.write(`${line}\n`);
  process.stdout.write(`pandas: ${installedPandas() ?? 'none'}\npolars: ${loadPolars() === null ? 'none' : PEERS}\n`);
}

#!/usr/bin/env node
// node tools/bin/chromium.mjs
// Prints the path of the Chromium that tests of pages use: CHROMIUM_PATH, else one of the system. If there is none, and this
// runs as root on a system with apt-get, it installs Debian's: if possible the headless shell, which starts in a quarter of the
// processor time. Otherwise it prints that those tests are skipped.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
const PACKAGES = ['chromium-headless-shell', 'chromium'];
const INSTALL_MS = 300_000;

/** Path of a Chromium, or null; installs one if that is possible. */
export function chromiumPath() {
  const found = installedChromium();
  if (found !== null) return found;
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) return null;
  process.stderr.write(`Installing Chromium for the tests of pages (apt-get install ${PACKAGES[0]})\n`);
  aptGet('update', '-qq');
  PACKAGES.some((name) => aptGet('install', '-y', '-qq', '--no-install-recommends', name));
  return installedChromium();
}

/** Runs apt-get. Returns whether it succeeded. */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MS });
  if (run.status !== 0) process.stderr.write(`apt-get ${args.join(' ')} failed\n`);
  return run.status === 0;
}

/** Path of a Chromium that is there already, or null. */
export function installedChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  return NAMES.map(onPath).find((file) => file !== null) ?? null;
}

/** The message when pages cannot be tested. */
export const NO_CHROMIUM = 'SKIPPED: tests of pages in a browser (no Chromium found; install it or set CHROMIUM_PATH)';

function onPath(name) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const files = folders.map((folder) => path.join(folder, name));
  return files.find((file) => isExecutable(file)) ?? null;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.filename === path.resolve(process.argv[1] ?? '')) {
  const found = chromiumPath();
  if (found === null) process.stderr.write(`${NO_CHROMIUM}\n`);
  else process.stdout.write(`${found}\n`);
}

#!/usr/bin/env node
// Runs a script with other versions of Node, each from its npm package in a temporary folder:
//   node tools/bin/on-node-versions.mjs 22 24 26 -- node_modules/vitest/vitest.mjs run libs/bars-core/src/zone-
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const separator = process.argv.indexOf('--');
const versions = process.argv.slice(2, separator);
const script = process.argv.slice(separator + 1);
if (separator < 3 || script.length === 0 || !versions.every((version) => /^[\d.]+$/.test(version))) {
  process.stderr.write('usage: on-node-versions.mjs VERSION… -- SCRIPT [ARGUMENT…]\n');
  process.exit(2);
}
const folder = mkdtempSync(path.join(tmpdir(), 'ta-node-versions-'));
let failed = 0;
try {
  for (const version of versions) {
    const home = path.join(folder, version);
    mkdirSync(home);
    writeFileSync(path.join(home, 'package.json'), '{"private":true}');
    // the package downloads its binary when it is installed
    const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', `node@${version}`];
    execFileSync('npm', install, { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] });
    const node = path.join(home, 'node_modules/node/bin/node');
    if (!existsSync(node)) throw new Error(`node@${version} brought no binary`);
    const facts = "process.version + ' with zone data ' + process.versions.tz";
    process.stdout.write(`Node ${execFileSync(node, ['-p', facts], { encoding: 'utf8' })}`);
    const { status } = spawnSync(node, script, { stdio: 'inherit' });
    if (status !== 0) failed++;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

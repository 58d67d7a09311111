#!/usr/bin/env node
// node tools/bin/try-packages.mjs [--here]
// Packs @ta/ema-core and @ta/bars-core, checks the tarballs with publint and are-the-types-wrong, installs them in a clean
// folder, and runs the examples of their READMEs there: in this Node, in Node 22 and 24, in Deno, and bundled in Chromium.
// What an example prints must be what the README says. Then it runs the example of @ta/notebook, packed with what it needs.
// --here: in this Node only, without the linters and without @ta/notebook.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { chromiumPath, NO_CHROMIUM } from './chromium.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const isQuick = process.argv.includes('--here');
const runtimes = path.join(root, 'tools/runtimes');
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const scratch = mkdtempSync(path.join(tmpdir(), 'ta-packages-'));
let failures = 0;

try {
  const tarballs = pack();
  if (!isQuick) for (const tarball of tarballs) lint(tarball);
  const examples = install(tarballs);
  tryEngines(examples[0].folder);
  for (const [name, command] of commands())
    for (const example of examples) compare(name, example, run(command, example));
  if (!isQuick) await inBrowser(examples);
  if (!isQuick) tryNotebook();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

function pack() {
  const out = path.join(scratch, 'tarballs');
  process.stdout.write(must(process.execPath, [path.join(root, 'tools/bin/pack-packages.mjs'), out]));
  return readdirSync(out).map((file) => path.join(out, file));
}

function lint(tarball) {
  must(bin('publint'), ['--strict', tarball]);
  // ESM is the only format, as package.json says
  must(bin('attw'), [tarball, '--profile', 'esm-only']);
  process.stdout.write(`${path.basename(tarball)}: publint and are-the-types-wrong are content\n`);
}

/** Installs the tarballs where nothing of the workspace can be found, and takes the examples out of the installed READMEs. */
function install(tarballs) {
  const folder = path.join(scratch, 'clean');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "clean", "private": true, "type": "module" }\n');
  must('npm', ['install', '--no-audit', '--no-fund', '--offline', ...tarballs], folder);
  return ['@ta/ema-core', '@ta/bars-core'].map((name) => {
    const readme = readFileSync(path.join(folder, 'node_modules', name, 'README.md'), 'utf8');
    const [, code, printed] = /```js\n(.*?)```\n+```text\n(.*?)```/s.exec(readme) ?? [];
    if (code === undefined) throw new Error(`${name}: the README has no js example followed by what it prints`);
    const file = path.join(folder, `${name.slice(4)}.mjs`);
    writeFileSync(file, code);
    return { name, file, folder, printed: printed.trim() };
  });
}

/** Checks that the second entry point of each package exists, and exports other names than the first. */
function tryEngines(folder) {
  const script = `for (const name of ['ema-core', 'bars-core']) {
    const [door, engine] = [Object.keys(await import('@ta/' + name)), Object.keys(await import('@ta/' + name + '/engine'))];
    if (engine.length < 10 || engine.some((key) => door.includes(key))) throw new Error(name + ': ' + engine);
  }`;
  must(process.execPath, ['--input-type=module', '-e', script], folder);
}

/** Runs the example of @ta/notebook's README where nothing of the workspace can be found, on a database of made-up prices. */
function tryNotebook() {
  const out = path.join(scratch, 'notebook-tarballs');
  process.stdout.write(must(process.execPath, [path.join(root, 'tools/bin/pack-packages.mjs'), out, '--notebook']));
  const folder = path.join(scratch, 'notebook');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "notebook", "private": true, "type": "module" }\n');
  const tarballs = readdirSync(out).map((file) => path.join(out, file));
  must('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], folder);
  must(process.execPath, [path.join(root, 'tools/bin/bundle-app.mjs'), 'cli']);
  must(process.execPath, [path.join(root, 'apps/cli/bin/ta.js'), 'demo', '--dir', path.join(folder, '.data')]);
  const readme = readFileSync(path.join(folder, 'node_modules/@ta/notebook/README.md'), 'utf8');
  const [, code] = /```js\n(.*?)```/s.exec(readme) ?? [];
  writeFileSync(
    path.join(folder, 'example.mjs'),
    `${code}\nconsole.log(weeks.length, emas.length, svg.slice(0, 4));\n`,
  );
  const printed = must(process.execPath, ['example.mjs'], folder).trim().split('\n').at(-1);
  const isRight = /^[1-9][0-9]+ [1-9][0-9]+ <svg$/.test(printed);
  process.stdout.write(
    `@ta/notebook outside of the clone: ${isRight ? 'reads bars and EMAs' : `DIFFERS: ${printed}`}\n`,
  );
  if (!isRight) failures++;
}

function commands() {
  const here = [[`Node ${process.versions.node}`, [process.execPath]]];
  if (isQuick) return here;
  // every version is exact, and a lock file would name only the platform of the machine that wrote it
  must('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'], runtimes);
  const modules = path.join(runtimes, 'node_modules');
  const others = [
    ['Node 22', [path.join(modules, 'node-22/bin/node')]],
    ['Node 24', [path.join(modules, 'node-24/bin/node')]],
    ['Deno', [path.join(modules, '.bin/deno'), 'run', '--no-remote', '--node-modules-dir=manual', '--cached-only']],
  ];
  const missing = others.filter(([, [program]]) => !existsSync(program)).map(([name]) => name);
  if (missing.length > 0) process.stdout.write(`SKIPPED: ${missing.join(', ')} (not to be had for this system)\n`);
  return [...here, ...others.filter(([name]) => !missing.includes(name))];
}

function run([program, ...args], { file, folder }) {
  return must(program, [...args, file], folder);
}

async function inBrowser(examples) {
  const executablePath = chromiumPath();
  if (executablePath === null) {
    process.stdout.write(`${NO_CHROMIUM}\n`);
    return;
  }
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  try {
    for (const example of examples) {
      const { outputFiles } = buildSync({
        ...{
          entryPoints: [example.file],
          bundle: true,
          minify: true,
          format: 'esm',
          platform: 'browser',
          write: false,
        },
      });
      const page = await browser.newPage();
      const lines = [];
      page.on('console', (message) => lines.push(message.text()));
      page.on('pageerror', (error) => lines.push(String(error)));
      await page.setContent(`<script type="module">${outputFiles[0].text}</script>`);
      await page.waitForLoadState('load');
      compare('bundled in Chromium', example, lines.join('\n'));
    }
  } finally {
    await browser.close();
  }
}

function compare(where, { name, printed }, actual) {
  const isSame = actual.trim() === printed;
  process.stdout.write(`${name} in ${where}: ${isSame ? 'prints what its README says' : 'DIFFERS'}\n`);
  if (isSame) return;
  failures++;
  process.stdout.write(`expected\n${printed}\ngot\n${actual.trim()}\n`);
}

function must(command, args, cwd = root) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  if (done.status === 0) return done.stdout;
  throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}${done.error ?? ''}`);
}

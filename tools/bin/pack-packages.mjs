#!/usr/bin/env node
// node tools/bin/pack-packages.mjs [folder] [--notebook]
// Packs @ta/ema-core and @ta/bars-core as they are published into the folder (default: dist/packages), freshly compiled:
// without tests and build information, and with declarations that name `.js` files. Prints a line per tarball with its sizes.
// --notebook: also @ta/notebook and @ta/state-store, which it reads with, for scripts outside of a clone.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const withNotebook = process.argv.includes('--notebook');
const [folder = path.join(root, 'dist/packages')] = process.argv.slice(2).filter((word) => word !== '--notebook');
const out = path.resolve(folder);
/** Most bytes: of the tarball, and of everything bundled, minified and compressed, as a browser loads it. */
const LIMITS = { 'ema-core': { tarball: 60_000, bundle: 11_000 }, 'bars-core': { tarball: 60_000, bundle: 13_000 } };

mkdirSync(out, { recursive: true });
if (withNotebook) {
  // their imports lead to the compiled cores, so everything is compiled first
  run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'libs/notebook/tsconfig.lib.json']);
}
for (const [name, limit] of Object.entries({
  ...LIMITS,
  ...(withNotebook ? { 'state-store': null, notebook: null } : {}),
})) {
  const stage = mkdtempSync(path.join(tmpdir(), `ta-pack-${name}-`));
  try {
    pack(name, stage, limit);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function pack(name, stage, limit) {
  const source = path.join(root, 'libs', name);
  if (limit === null) copyCompiled(path.join(source, 'dist'), path.join(stage, 'dist'));
  else compile(source, path.join(stage, 'dist'));
  for (const file of readdirSync(path.join(stage, 'dist'), { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const at = path.join(stage, 'dist', file);
    writeFileSync(at, readFileSync(at, 'utf8').replace(/((?:from|import\()\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'));
  }
  const {
    nx: _nx,
    private: _private,
    exports,
    ...manifest
  } = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'));
  for (const file of new Set(['README.md', 'LICENSE', ...manifest.files])) {
    if (file !== 'dist' && existsSync(path.join(source, file)))
      cpSync(path.join(source, file), path.join(stage, file), { recursive: true });
  }
  const published = { ...manifest, exports: withoutSources(exports) };
  writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], stage));
  const tarball = path.join(out, packed.filename);
  const size = statSync(tarball).size;
  if (limit === null) {
    process.stdout.write(`${packed.filename}: ${size} bytes, ${packed.files.length} files\n`);
    return;
  }
  const bundled = buildSync({
    ...{ entryPoints: [path.join(stage, 'dist/index.js')], bundle: true, minify: true, format: 'esm', write: false },
  }).outputFiles[0].contents;
  const small = gzipSync(bundled).length;
  process.stdout.write(
    `${packed.filename}: ${size} bytes, ${packed.files.length} files; all of it bundled: ${small} bytes compressed\n`,
  );
  if (size > limit.tarball || small > limit.bundle) {
    process.stderr.write(`${name} is larger than allowed: ${JSON.stringify(limit)}\n`);
    process.exitCode = 1;
  }
}

function compile(source, to) {
  run(process.execPath, [
    path.join(root, 'node_modules/typescript-7/bin/tsc'),
    ...['-p', path.join(source, 'tsconfig.lib.json'), '--outDir', to, '--composite', 'false', '--incremental', 'false'],
    ...['--tsBuildInfoFile', 'null', '--sourceMap', 'false', '--declarationMap', 'false'],
  ]);
}

function copyCompiled(from, to) {
  cpSync(from, to, { recursive: true, filter: (file) => !/\.(map|tsbuildinfo)$|\.(spec|test-d)\./.test(file) });
}

/** The entry points as they are published, without the condition that leads to the sources. */
function withoutSources(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([name, entry]) => {
      if (typeof entry === 'string') return [name, entry];
      const { '@ta/source': _source, ...published } = entry;
      return [name, published];
    }),
  );
}

function run(command, args, cwd = root) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

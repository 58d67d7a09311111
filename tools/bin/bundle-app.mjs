// node tools/bin/bundle-app.mjs <app>…
// Bundles a command into apps/<app>/bundle, because a few files load faster than several hundred.
// Bundled modules still find the files beside their source: `import.meta.url` is replaced by the address of the source.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

/** The entry that makes the image new databases are copied from, and the image's folder, which stays beside the bundle. */
const MAKE_IMAGE = 'make-empty-image';
const IMAGES = 'empty-database';

/** Replaces `import.meta.url` in a module by the address that the module had before it was bundled. */
const ownAddress = (outdir) => ({
  name: 'own-address',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|js|cjs|mjs)$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const at = path.relative(outdir, file).split(path.sep).join('/');
      const address = `new URL(${JSON.stringify(at)}, import.meta.url).href`;
      const contents = text.replaceAll(/\bimport\.meta\.url\b/g, address);
      return { contents, loader: file.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
});

/**
 * Loads `string-width` only for text with characters beyond ASCII: its tables of emoji take longer to load than most commands
 * run, and plain text is as wide as it is long.
 */
const plainTextWidth = {
  name: 'plain-text-width',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, ({ importer, kind }) => {
      if (kind !== 'import-statement') return undefined;
      return { path: createRequire(importer).resolve('string-width'), namespace: 'text-width' };
    });
    onLoad({ filter: /./, namespace: 'text-width' }, ({ path: module }) => ({
      contents: `export default function stringWidth(text, options) {
        return /^[\\x20-\\x7e]*$/.test(text) ? text.length : require(${JSON.stringify(module)}).default(text, options);
      }`,
      resolveDir: path.dirname(module),
    }));
  },
};

for (const name of process.argv.slice(2)) await bundle(path.join('apps', name));

async function bundle(app) {
  const outdir = path.join(root, app, 'bundle');
  const entries = ['main', MAKE_IMAGE].filter((entry) => existsSync(path.join(root, app, `src/${entry}.ts`)));
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map((entry) => [entry, path.join(app, `src/${entry}.ts`)])),
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    conditions: ['@ta/source'],
    external: ['@electric-sql/pglite', 'fs-native-extensions', 'libpg-query', 'pg-native'],
    plugins: [ownAddress(outdir), plainTextWidth],
    // pg asks which runtime it is in; without an answer it loads all of fetch to find out, at every start
    define: { navigator: '__navigator' },
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        'const require = __createRequire(import.meta.url);',
        "const __navigator = { userAgent: 'Node.js' };",
      ].join('\n'),
    },
    minifySyntax: true,
    minifyWhitespace: true,

    legalComments: 'none',
    sourcemap: false,
    logLevel: 'warning',
  });
  await put(outdir, outputFiles);
  if (entries.includes(MAKE_IMAGE)) execFileSync(process.execPath, [path.join(outdir, `${MAKE_IMAGE}.js`)]);
}

/** Makes a folder contain exactly these files. An unchanged file is not replaced, since a command may be running from it. */
async function put(folder, files) {
  await mkdir(folder, { recursive: true });
  for (const { path: file, contents } of files) {
    const before = await readFile(file).catch(() => null);
    if (before === null || !before.equals(contents)) {
      await writeFile(`${file}.new`, contents);
      await rename(`${file}.new`, file);
    }
    await utimes(file, new Date(), new Date()); // also an unchanged file must not be older than its source
  }
  const names = new Set(files.map(({ path: file }) => path.basename(file)));
  for (const name of await readdir(folder))
    if (!names.has(name) && name !== IMAGES) await rm(path.join(folder, name), { recursive: true });
}

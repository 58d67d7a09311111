// node tools/bin/bundle-app.mjs <app>
// Bundles a command into apps/<app>/bundle: a few files are sooner loaded than several hundred.
// Bundled modules still find what lies beside their source: their own address is put in for `import.meta.url`.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const app = path.join('apps', process.argv[2] ?? 'cli');
const outdir = path.join(root, app, 'bundle');

/** Loads a module so that it knows its address before it was bundled. */
const ownAddress = {
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
};

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { main: path.join(app, 'src/main.ts') },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  conditions: ['@ta/source'],
  external: ['@electric-sql/pglite', 'pg-native'],
  plugins: [ownAddress],
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
  keepNames: true,
  legalComments: 'none',
  sourcemap: false,
  logLevel: 'warning',
});

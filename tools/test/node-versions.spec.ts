import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Manifest {
  readonly engines?: { readonly node?: string };
}

/** The versions of Node that we promise: the first of each line that there may be, and everything from the last on. */
const PROMISED = '^20.19.0 || ^22.13.0 || >=24.0.0';

describe('the versions of Node', () => {
  it('are the same in every package, and in the lock file', () => {
    const files = execFileSync('git', ['ls-files', 'package.json', 'apps/*/package.json', 'libs/*/package.json'], {
      ...{ cwd: ROOT, encoding: 'utf8' },
    });
    const manifests = files.trim().split('\n');
    expect(manifests.length).toBeGreaterThan(10);
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Manifest> };
    for (const file of manifests) {
      const locked = packages[file === 'package.json' ? '' : path.dirname(file)]?.engines?.node;
      expect([file, (JSON.parse(read(file)) as Manifest).engines?.node, locked]).toEqual([file, PROMISED, PROMISED]);
    }
  });

  it('are those of the README, and the command is built for the first of them', () => {
    expect(read('README.md')).toContain('You need Node 20.19, 22.13, 24 or newer (not 21 or 23),');
    expect(read('tools/bin/bundle-app.mjs')).toContain("target: 'node20.19'");
  });

  it('are accepted by every package that is installed', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Manifest> };
    const ranges = [...new Set(Object.values(packages).map(({ engines }) => engines?.node ?? '*'))];
    // semver is there with Nx, and npm judges by it
    const script = `const semver = require(require.resolve('semver', { paths: [process.argv[1]] }));
      const [ranges, versions] = process.argv.slice(2).map((text) => JSON.parse(text));
      const refused = versions.map((v) => [v, ranges.filter((range) => !semver.satisfies(v, range))]);
      console.log(JSON.stringify(refused.filter(([, by]) => by.length > 0)));`;
    const versions = ['20.19.0', '22.13.0', '24.0.0', '26.0.0'];
    const args = ['-e', script, ROOT, JSON.stringify(ranges), JSON.stringify(versions)];
    expect(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }).trim()).toBe('[]');
  });
});

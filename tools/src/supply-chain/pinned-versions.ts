import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LockedPackage } from './installed-packages.ts';

/** Fields of a `package.json` whose versions must be exact. */
const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

/**
 * Dependencies without an exact version, as `file: name version`. Packages of the workspace may have `*`, since there is only
 * one version of each, the one in the workspace.
 */
export function loosePins(root: string, manifests: readonly string[]): string[] {
  const read = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>;
  const own = new Set(manifests.map((file) => read(file)['name']));
  return manifests.flatMap((file) => {
    const manifest = read(file);
    return FIELDS.flatMap((field) => Object.entries((manifest[field] ?? {}) as Record<string, string>))
      .filter(([name, version]) => !EXACT.test(version) && !(version === '*' && own.has(name)))
      .map(([name, version]) => `${file}: ${name} ${version}`);
  });
}

/** Packages without a SHA-512 hash in the lock file, whose contents could be exchanged unnoticed. */
export function withoutHash(packages: readonly LockedPackage[]): string[] {
  return packages
    .filter(({ integrity }) => integrity === null || !integrity.startsWith('sha512-'))
    .map(({ name, version }) => `${name}@${version}`);
}

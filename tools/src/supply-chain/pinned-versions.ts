import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LockedPackage } from './installed-packages.ts';

/** Fields of a `package.json` that name other packages. */
const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

/**
 * Dependencies that are not one exact version, as `file: name version`. Packages of the workspace may be `*`: there is one
 * of each, the one beside.
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

/** Packages that npm could exchange without being noticed: the lock file holds no hash of them. */
export function withoutHash(packages: readonly LockedPackage[]): string[] {
  return packages
    .filter(({ integrity }) => integrity === null || !integrity.startsWith('sha512-'))
    .map(({ name, version }) => `${name}@${version}`);
}

import { spawnSync } from 'node:child_process';
import { lockedPackages } from './installed-packages.ts';

/** The fields of a component of a CycloneDX bill of materials that are used here. */
export interface Component {
  readonly 'bom-ref': string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly unknown[];
}

/** A CycloneDX bill of materials. */
export interface BillOfMaterials {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * The bill of materials of what is installed and shipped, in CycloneDX as npm makes it. It is made of all packages and then
 * reduced to those that are not development packages in the lock file, because `npm sbom --omit dev` (npm 11) also leaves out
 * packages that both we and development packages need, among them the protocol of the database driver.
 * @throws Error with npm's message when npm fails
 */
export function billOfMaterials(root: string): BillOfMaterials {
  const args = ['sbom', '--sbom-format', 'cyclonedx'];
  const run = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`npm sbom failed: ${run.stderr || String(run.error)}`);
  const bill = JSON.parse(run.stdout) as BillOfMaterials;
  const tools = new Set(
    lockedPackages(root)
      .filter(({ isDev }) => isDev)
      .map(({ name, version }) => `${name}@${version}`),
  );
  for (const { name, version, isDev } of lockedPackages(root)) if (!isDev) tools.delete(`${name}@${version}`);
  const components = bill.components.filter((component) => !tools.has(packageOf(component)));
  const refs = new Set(components.map((component) => component['bom-ref']));
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return { ...bill, components, dependencies };
}

/** `name@version` of a component. */
export function packageOf({ purl }: Component): string {
  return decodeURIComponent(purl.replace(/^pkg:npm\//, '')).replace(/[?#].*$/, '');
}

// node --import tsx tools/src/supply-chain/main.ts [sbom FILE]
// Checks the packages and files of the product: exact versions, hashes, licences, known vulnerabilities, secrets in files.
// With `sbom FILE` it writes the bill of materials instead.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { askRegistry } from './audit.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { lockedPackages } from './installed-packages.ts';
import { licenceCounts, refusedLicences } from './licences.ts';
import { loosePins, withoutHash } from './pinned-versions.ts';
import { scanFiles } from './secrets.ts';

const AUDIT_TIMEOUT_MS = 20_000;
const root = path.resolve(import.meta.dirname, '../../..');
const [command, file] = process.argv.slice(2);

if (command === 'sbom') writeBill(file ?? 'dist/sbom.cdx.json');
else process.exitCode = (await check()) ? 0 : 1;

function writeBill(to: string): void {
  const target = path.resolve(root, to);
  const bill = billOfMaterials(root);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, `${JSON.stringify(bill, null, 2)}\n`);
  console.log(
    `${bill.components.length} components, ${bill.bomFormat} ${bill.specVersion}: ${path.relative(root, target)}`,
  );
}

async function check(): Promise<boolean> {
  const packages = lockedPackages(root);
  const shipped = packages.filter(({ isDev }) => !isDev);
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
  const present = files.filter((name) => name !== '' && existsSync(path.join(root, name)));
  const manifests = present.filter((name) => path.basename(name) === 'package.json');
  const results = [
    report('exact versions', loosePins(root, manifests)),
    report('hashes in the lock file', withoutHash(packages)),
    report(
      'licences',
      refusedLicences(packages).map(
        (refusal) => `${refusal.package}: ${refusal.license}${refusal.isDev ? ' (dev)' : ''}`,
      ),
    ),
    report('secrets', await scanFiles(root, present)),
    audit(shipped.length),
  ];
  const list = licenceCounts(packages).map(([licence, count]) => `${licence} ${count}`);
  console.log(`Licences of ${packages.length} packages (${shipped.length} shipped): ${list.join(', ')}`);
  return results.every(Boolean);
}

function audit(shipped: number): boolean {
  const verdict = askRegistry(root, AUDIT_TIMEOUT_MS);
  if (verdict.kind === 'unanswered') {
    console.log(
      `\n**** AUDIT NOT ANSWERED (${verdict.reason}): nothing is known about vulnerabilities of ${shipped} packages ****\n`,
    );
    return true;
  }
  for (const line of verdict.minor) console.log(`vulnerability, not grave: ${line}`);
  return report('vulnerabilities of what is shipped, high and critical', verdict.grave);
}

function report(what: string, problems: readonly string[]): boolean {
  console.log(problems.length === 0 ? `${what}: ok` : `${what}: FAILED\n  ${problems.join('\n  ')}`);
  return problems.length === 0;
}

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAudit } from './audit.ts';
import { billOfMaterials, packageOf } from './bill-of-materials.ts';
import { lockedPackages, type LockedPackage } from './installed-packages.ts';
import { licenceCounts, refusedLicences } from './licences.ts';
import { loosePins, withoutHash } from './pinned-versions.ts';
import { secretsIn } from './secrets.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const one = (change: Partial<LockedPackage>): LockedPackage => ({
  ...{ name: 'p', version: '1.0.0', license: 'MIT', isDev: false, integrity: 'sha512-x' },
  ...change,
});

describe('licences', () => {
  it.each(['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC', '(MIT AND (ISC OR AGPL-3.0-only))'])(
    'of %s may be shipped',
    (license) => {
      expect(refusedLicences([one({ license })])).toStrictEqual([]);
    },
  );

  it.each([
    'GPL-3.0-only',
    'MIT AND GPL-3.0-only',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE',
    'MIT OR',
    '(MIT',
    'MPL-2.0',
    null,
  ])('of %s are refused with the name of the package', (license) => {
    expect(refusedLicences([one({ license }), one({ license })])).toStrictEqual([
      { package: 'p@1.0.0', license: license ?? 'none', isDev: false },
    ]);
  });

  it('of tools may demand more', () => {
    expect(refusedLicences([one({ license: 'MPL-2.0', isDev: true })])).toStrictEqual([]);
    expect(refusedLicences([one({ license: 'GPL-3.0-only', isDev: true })])).toHaveLength(1);
    expect(licenceCounts([one({}), one({ license: 'ISC' }), one({ license: 'ISC' })])).toStrictEqual([
      ['ISC', 2],
      ['MIT', 1],
    ]);
  });
});

describe('versions', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ta-pins-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are exact, but for packages of the workspace', () => {
    const write = (file: string, content: object) => writeFileSync(path.join(folder, file), JSON.stringify(content));
    write('a.json', {
      name: '@ta/a',
      dependencies: { exact: '1.2.3', beta: '1.0.0-rc.1', '@ta/b': '*', other: 'npm:x@1.0.0' },
    });
    write('b.json', {
      name: '@ta/b',
      devDependencies: { caret: '^1.2.3', any: '*' },
      optionalDependencies: { tag: 'latest' },
    });
    expect(loosePins(folder, ['a.json', 'b.json'])).toStrictEqual([
      'b.json: caret ^1.2.3',
      'b.json: any *',
      'b.json: tag latest',
    ]);
  });

  it('have a hash', () => {
    expect(withoutHash([one({}), one({ integrity: null }), one({ integrity: 'sha1-x' })])).toStrictEqual([
      'p@1.0.0',
      'p@1.0.0',
    ]);
  });

  it('are installed without running scripts', () => {
    expect(readFileSync(path.join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    expect(readFileSync(path.join(ROOT, 'Makefile'), 'utf8')).toMatch(/^\t@\$\(STEP\) install npm ci /m);
  });
});

describe('the answer of npm audit', () => {
  it('fails the check for what is high or critical, and only for that', () => {
    const report = {
      auditReportVersion: 2,
      vulnerabilities: {
        pg: { severity: 'critical', via: [{ title: 'reads too much' }, 'pg-protocol'] },
        yargs: { severity: 'moderate', via: ['pg'] },
      },
    };
    expect(readAudit(JSON.stringify(report))).toStrictEqual({
      kind: 'answered',
      grave: ['pg (critical): reads too much; pg-protocol'],
      minor: ['yargs (moderate): pg'],
    });
    expect(readAudit('{"auditReportVersion":2,"vulnerabilities":{}}')).toMatchObject({ kind: 'answered', grave: [] });
  });

  it.each([
    ['', 'npm audit printed no JSON'],
    ['{"message":"405 Method Not Allowed - POST https://registry.invalid/x","error":{}}', '405 Method Not Allowed'],
    ['{"error":{"code":"ENOTFOUND","summary":""}}', 'ENOTFOUND'],
    ['{}', 'no report'],
  ])('is none for %s', (text, reason) => {
    expect(readAudit(text)).toStrictEqual({ kind: 'unanswered', reason });
  });
});

describe('secrets in a file', () => {
  // put together, so that this file holds none
  const body = Array.from({ length: 20 }, (_, i) => `MIIEpAIBAAKCAQEA${String(i).padStart(48, 'x7Qw')}`).join('\n');
  const key = [`-----BEGIN RSA PRIVATE${' KEY-----'}`, body, `-----END RSA PRIVATE${' KEY-----'}`].join('\n');

  it.each([
    ['a private key', key, 'privatekey'],
    ['a token of GitHub', `token = gh${'p_'}1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R`, 'github'],
    ['a token of npm', `//x/:_authToken=npm${'_'}1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R`, 'npm'],
    [
      'a connection string',
      `DATABASE_URL=postgresql://ta:${'r3alSecret'}@db.internal.net:5432/prices`,
      'database-connection-string',
    ],
  ])('%s is found, and not shown', async (_, text, kind) => {
    const found = await secretsIn('a.env', `first line\n${text}\n`);
    expect(found).toStrictEqual([`a.env:2 ${kind}`]);
  });

  it('connection strings that lead nowhere are none', async () => {
    expect(await secretsIn('a.md', "'postgresql://u:hush@h/d' postgresql://u:p@127.0.0.1:1/db\n")).toStrictEqual([]);
  });
});

describe('the bill of materials', () => {
  it('lists every package that is shipped and installed, with version and licence', () => {
    const bill = billOfMaterials(ROOT);
    expect(bill.bomFormat).toBe('CycloneDX');
    const listed = new Set(bill.components.map(packageOf));
    // optional builds for other systems are in the lock file only
    const shipped = lockedPackages(ROOT).filter(
      ({ name, isDev }) => !isDev && existsSync(path.join(ROOT, 'node_modules', name, 'package.json')),
    );
    expect(
      shipped.map(({ name, version }) => `${name}@${version}`).filter((shown) => !listed.has(shown)),
    ).toStrictEqual([]);
    expect(bill.components.filter(({ licenses }) => licenses === undefined).map(packageOf)).toStrictEqual([]);
    expect([
      [...listed].some((name) => name.startsWith('pg-protocol@')),
      [...listed].some((name) => name.startsWith('vitest@')),
    ]).toStrictEqual([true, false]);
  });
});

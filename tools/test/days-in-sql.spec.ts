import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Every file of SQL or of a program with SQL in it. */
function sources(): string[] {
  return ['libs', 'apps'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /^[^/]+\/(?:src|drizzle)\/.*\.(?:ts|sql)$/.test(file) && !file.endsWith('.spec.ts'))
      .map((file) => path.join(folder, file)),
  );
}

it('no SQL turns an instant into a day by the zone data of the database; UTC has none', () => {
  const files = sources();
  expect(files.length).toBeGreaterThan(200);
  const lines = files.flatMap((file) =>
    readFileSync(path.join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => /at\s+time\s+zone|\btimezone\s*\(/i.test(line.replace(/\bAT TIME ZONE 'UTC'/g, '')))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(lines).toStrictEqual([]);
});

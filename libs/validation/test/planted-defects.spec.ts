import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import { CHECKS, type Finding } from '../src/index.ts';
import { DEFECTS } from './fixtures/defects.ts';
import { newChecks, newFindings, validate, verdictOn } from './fixtures/planted.ts';
import { refreshedDatabase } from './fixtures/refreshed-database.ts';

let database: Database;
let baseline: readonly Finding[];
beforeAll(async () => {
  database = await refreshedDatabase();
  baseline = (await validate(database)).findings;
});
afterAll(() => database.close());

describe('a planted defect', () => {
  it('exists for every check, in two kinds for every CRITICAL one', () => {
    const count = (id: string) => DEFECTS.filter(({ check }) => check === id).length;
    const poor = CHECKS.filter(({ id, severity }) => count(id) < (severity === 'CRITICAL' ? 2 : 1));
    expect(poor.map(({ id }) => id)).toStrictEqual([]);
  });

  it.each(DEFECTS.map((defect) => [defect.check, defect.title, defect] as const))(
    '%s: %s is found by exactly the checks it concerns',
    async (_, __, defect) => {
      const { result, findings } = await verdictOn(database, (tx) => defect.plant(tx));
      const own = newFindings(findings, baseline).filter(({ check }) => check === defect.check);
      expect(own.map(({ message }) => message).join('\n')).toContain(defect.says);
      expect(own.find(({ message }) => message.includes(defect.says))).toMatchObject(defect.where ?? {});
      const hasError = newFindings(findings, baseline).some(({ severity }) => severity !== 'WARNING');
      expect(result.isPassed).toBe(!hasError);
      expect(newChecks(findings, baseline)).toStrictEqual([...defect.fires].sort());
    },
  );

  it('leaves nothing behind', async () => {
    expect((await validate(database)).findings).toStrictEqual(baseline);
  });
});

import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rebuildCommand, refreshCommand } from './commands-to-type.ts';
import { CHECK_IDS, checkById, CHECKS, selectChecks } from './registry.ts';
import { validationRequest } from './request.ts';

const request = (choice: Partial<Parameters<typeof validationRequest>[0]>) =>
  validationRequest({ asOfTs: 0, ...choice });

const idsOf = (letter: string) => CHECK_IDS.filter((id) => id.startsWith(letter));

describe('the list of checks', () => {
  it('has every check that has a file, those of bars first, each numbered from 1 on', () => {
    const idsIn = (folder: string) =>
      readdirSync(new URL(`checks/${folder}`, import.meta.url))
        .flatMap((file) => /^[be]\d\d(?=-)/.exec(file)?.[0].toUpperCase() ?? [])
        .sort();
    expect(CHECK_IDS).toStrictEqual([...idsIn('bars'), ...idsIn('emas')]);
    const numbered = (letter: string) => idsOf(letter).map((_, i) => `${letter}${String(i + 1).padStart(2, '0')}`);
    expect(CHECK_IDS).toStrictEqual([...numbered('B'), ...numbered('E')]);
  });

  it('explains every check and says what to do', () => {
    for (const check of CHECKS) {
      expect(check.explanation.length, check.id).toBeGreaterThan(40);
      expect(check.whatToDo.length, check.id).toBeGreaterThan(10);
      expect(check.columns.length, check.id).toBeGreaterThan(0);
    }
  });

  it('names commands that need no zone to be typed as they are printed', () => {
    const all = (['all', 'bars', 'emas'] as const).flatMap((what) => [refreshCommand(what), rebuildCommand(what)]);
    const printed = CHECKS.flatMap(({ whatToDo }) => whatToDo.match(/`ta (?:refresh|bars|emas)\b[^`]*`/g) ?? []);
    expect(printed.length).toBeGreaterThan(26);
    expect(printed.filter((command) => !all.includes(command))).toStrictEqual([]);
    expect(all.join()).not.toMatch(/--tz|--periods/);
    const withEmas = printed.filter((command) => !command.startsWith('`ta bars '));
    expect(withEmas.filter((command) => !command.includes('--skip-stale-check'))).toStrictEqual([]);
  });

  it('names what ends an interrupted full rebuild, and changes of an id that is no asset', () => {
    for (const id of ['B13', 'E09']) expect(checkById(id).whatToDo).toMatch(/interrupted full rebuild/);
    expect(checkById('B11').whatToDo).toContain('not in dim_assets');
    expect(checkById('B11').whatToDo).toContain('`ta assets remove <id>`');
  });

  it('is chosen from by scope, by name, and by leaving out', () => {
    const chosen = (choice: Partial<Parameters<typeof validationRequest>[0]>) =>
      selectChecks(request(choice)).map(({ id }) => id);
    expect(chosen({ scope: 'emas' })).toStrictEqual(idsOf('E'));
    expect(chosen({ checks: ['E03', 'B01'] })).toStrictEqual(['B01', 'E03']);
    expect(chosen({ scope: 'bars', skipChecks: ['B16'] })).toStrictEqual(idsOf('B').filter((id) => id !== 'B16'));
  });

  it('refuses unknown names and an empty choice', () => {
    expect(() => checkById('B99')).toThrow(expect.objectContaining({ code: 'VALIDATION_UNKNOWN_CHECK' }));
    expect(() => selectChecks(request({ scope: 'bars', checks: ['E01'] }))).toThrow(
      expect.objectContaining({ code: 'VALIDATION_BAD_OPTION' }),
    );
  });
});

describe('a request', () => {
  it.each([{ sampleSize: 0 }, { relTolerance: -1 }, { stalenessHours: 0 }, { asOfTs: NaN }, { fromTs: 5, untilTs: 5 }])(
    'with %j makes no sense',
    (choice) => {
      expect(() => validationRequest({ asOfTs: 0, ...choice })).toThrow(
        expect.objectContaining({ code: 'VALIDATION_BAD_OPTION' }),
      );
    },
  );
});

import { BAR_FAMILIES, canonicalZone, specOf } from '@ta/bars-core/engine';
import {
  readBuiltWith,
  readInactiveBuilt,
  readPeriods,
  readSettings,
  type SettingName,
  type Session,
} from '@ta/state-store';
import { DAILY } from './components.ts';
import { loadSettings } from './load-settings.ts';

/** EMA periods as a setting: a list, or `lut` for those of the table `ema_alpha_lookup`. */
export type Periods = 'lut' | readonly number[];

/** The settings that a caller requests; absent ones are taken from the database. */
export interface SettingsWish {
  /** Canonical name. */
  readonly zone?: string;
  readonly periods?: Periods;
  /** Whether everything is rebuilt in this run, so that a setting may change. */
  readonly isRebuild: boolean;
}

/** A requested setting that differs from the database. */
export interface SettingConflict {
  readonly name: 'zone' | 'periods';
  readonly stored: string;
  /** Null when nothing was requested, but the database does not have a single value. */
  readonly wished: string | null;
}

/** The settings of a run. */
export interface SettledSettings {
  readonly zone: string;
  readonly periods: Periods;
  /** If not empty, the run must not start. */
  readonly conflicts: readonly SettingConflict[];
  /** Settings to store, because they are new or change. */
  readonly writes: Readonly<Partial<Record<SettingName, unknown>>>;
  /** Timeframes that the catalogue has gained and lost since the last run, such as `+3W_CAL_US`. */
  readonly catalogueChanges: readonly string[];
  /** Inactive assets that were built with other settings, ascending; a run of all ids does not rebuild them. */
  readonly leftIds: readonly number[];
}

/** Zone of a database whose first refresh names none. */
const FIRST_ZONE = 'UTC';

/**
 * The zone of the civil days of a database: the zone in its settings, else the zone of its bars if all have the same one, else
 * UTC.
 */
export async function readZone(session: Session): Promise<string> {
  const stored = (await readSettings(session)).get('zone')?.value as string | undefined;
  if (stored !== undefined) return stored;
  const { zones } = await readBuiltWith(session);
  return zones.length === 1 ? canonicalIfAny(zones[0]) : FIRST_ZONE;
}

/**
 * Decides the settings that the numbers of a database are computed with: the stored ones, else those that its bars and EMAs were
 * built with, else those requested by this first run. Only reads; the caller, who holds the run lock, saves the `writes`.
 */
export async function settleSettings(session: Session, wish: SettingsWish): Promise<SettledSettings> {
  const stored = await readSettings(session);
  const builtWith = stored.has('zone') && stored.has('periods') ? null : await readBuiltWith(session);
  const zones = stored.has('zone')
    ? [stored.get('zone')?.value as string]
    : [...new Set((builtWith?.zones ?? []).map(canonicalIfAny))];
  const zone = settle(wish.isRebuild, zones, wish.zone, { first: FIRST_ZONE, keyOf: String });

  const table = await readPeriods(session);
  const sets: Periods[] = stored.has('periods')
    ? [stored.get('periods')?.value as Periods]
    : // several sets of periods: use those of ema_alpha_lookup, and rebuild EMAs with others
      builtWith?.periods.length === 1
      ? [...builtWith.periods]
      : [];
  const keyOf = (periods: Periods) => (periods === 'lut' ? table : periods).join();
  const periods = settle<Periods>(wish.isRebuild, sets, wish.periods, { first: 'lut', keyOf });

  const timeframes = await catalogue(session);
  const known = stored.get('timeframes')?.value as Catalogue | undefined;
  const catalogueChanges = known === undefined ? [] : differences(known, timeframes);
  const writes = {
    ...(stored.has('zone') && zones[0] === zone.value ? {} : { zone: zone.value }),
    ...(stored.has('periods') && keyOf(sets[0]) === keyOf(periods.value) ? {} : { periods: periods.value }),
    ...(known !== undefined && catalogueChanges.length === 0 ? {} : { timeframes }),
  };
  const conflicts = [
    ...(zone.isConflict ? [conflictOf('zone', zones, wish.zone)] : []),
    ...(periods.isConflict ? [conflictOf('periods', sets, wish.periods)] : []),
  ];
  const isOther =
    zones.some((one) => one !== zone.value) ||
    sets.some((one) => keyOf(one) !== keyOf(periods.value)) ||
    catalogueChanges.length > 0;
  const leftIds = isOther ? await readInactiveBuilt(session) : [];
  return { zone: zone.value, periods: periods.value, conflicts, writes, catalogueChanges, leftIds };
}

/**
 * The value of a setting, and whether a run with it must not start.
 *
 * @param stored the value stored in the database, or the values that it was built with
 * @param first its value if nothing is stored or requested
 * @param keyOf a key that is equal for values with the same meaning
 */
function settle<Value>(
  isRebuild: boolean,
  stored: readonly Value[],
  wished: Value | undefined,
  { first, keyOf }: { readonly first: Value; readonly keyOf: (value: Value) => string },
): { readonly value: Value; readonly isConflict: boolean } {
  const [only] = stored;
  if (only === undefined) return { value: wished ?? first, isConflict: false };
  const isSame = stored.length === 1 && (wished === undefined || keyOf(only) === keyOf(wished));
  return { value: isSame ? only : (wished ?? only), isConflict: !isSame && (wished === undefined || !isRebuild) };
}

function conflictOf<Value extends string | Periods>(
  name: SettingConflict['name'],
  stored: readonly Value[],
  wished?: Value,
): SettingConflict {
  return { name, stored: stored.map(textOf).join(' and '), wished: wished === undefined ? null : textOf(wished) };
}

/** A setting as an operator writes it. */
function textOf(value: string | Periods): string {
  return typeof value === 'string' ? value : value.join(',');
}

/**
 * Canonical name of a zone. A zone that only an earlier version accepted is returned unchanged; the run will report which one to
 * use instead.
 */
function canonicalIfAny(zone: string): string {
  try {
    return canonicalZone(zone);
  } catch {
    return zone;
  }
}

/** Specification of each timeframe, by family; `1d` holds the daily one. */
type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function catalogue(session: Session): Promise<Catalogue> {
  const { timeframes, dayTimeframes } = await loadSettings(session, { runId: '', zone: FIRST_ZONE });
  const families = BAR_FAMILIES.map((family) => [family, timeframes[family]] as const);
  const daily = ['1d', dayTimeframes.filter(({ tf }) => tf === DAILY)] as const;
  return Object.fromEntries(
    [daily, ...families].map(([family, list]) => [
      family,
      Object.fromEntries(list.map((one) => [one.tf, specOf(one)])),
    ]),
  );
}

function differences(before: Catalogue, now: Catalogue): string[] {
  const flat = (of: Catalogue) =>
    new Map(
      Object.entries(of).flatMap(([family, specs]) =>
        Object.entries(specs).map(([tf, spec]) => [`${family} ${tf}`, spec] as const),
      ),
    );
  const [old, current] = [flat(before), flat(now)];
  return [
    ...[...current].filter(([name, spec]) => old.get(name) !== spec).map(([name]) => `+${name}`),
    ...[...old.keys()].filter((name) => !current.has(name)).map((name) => `-${name}`),
  ];
}

import type { AssetName, Catalogue, CatalogueSource } from '@ta/dashboard-server/api';
import { element } from '../dom.ts';
import { emaMeaning } from '../chart/ema-meaning.ts';
import { countText } from '../formats.ts';
import { assetsMeant, assetText } from './asset-text.ts';

/** What the chart shows, as written in the address. */
export interface ChartChoice {
  readonly id: number;
  readonly source: string;
  readonly tf: string;
  /** `table:period` or `table:period:bar`, separated by commas. */
  readonly emas: string;
  readonly limit: number;
}

/** The controls above the chart. */
export interface ChartControls {
  readonly root: HTMLElement;
  /** Lists the assets with their names. */
  offer(assets: readonly AssetName[]): void;
  /** Fills in what the address leaves open, and sets the controls. */
  read(id: number, parameters: URLSearchParams): ChartChoice;
  /** The timeframe in an address that no bars have; null when there is none. */
  unknownTimeframe(parameters: URLSearchParams): string | null;
  /** Enables the logarithmic scale, which is possible only if all prices are above zero. */
  offerLogarithmic(isPossible: boolean): void;
  isLogarithmic(): boolean;
}

const DEFAULT_PERIODS = [9, 21, 50, 100, 200];
const LIMITS = [500, 1_000, 4_000, 10_000];
const MOST_EMAS = 24;

/**
 * Asset, timeframe, EMA families and periods, number of bars, scale.
 *
 * @param askAssets called for a name that is typed before the assets are known; what was chosen waits until they are offered
 */
export function chartControls(
  catalogue: Catalogue,
  chosen: (choice: ChartChoice) => void,
  askAssets: () => void,
): ChartControls {
  let assets: readonly AssetName[] | null = null;
  /** Draws what was chosen by a name before the assets were known. */
  let waiting: (() => void) | null = null;
  const asset = element('input', { id: 'asset', list: 'assets', autocomplete: 'off', spellcheck: 'false' });
  const options = element('datalist', { id: 'assets' });
  // thousands of options take time, so they are made when the user is about to choose
  const fillOptions = (): void => {
    if (options.childElementCount > 0) return;
    options.append(...(assets ?? []).map((one) => element('option', { value: assetText(one) })));
  };
  asset.addEventListener('focus', fillOptions);
  asset.addEventListener('input', () => {
    waiting = null;
    asset.setCustomValidity('');
  });
  const timeframe = element(
    'select',
    { id: 'timeframe' },
    catalogue.sources.map(({ source, title, timeframes }) =>
      element(
        'optgroup',
        { label: title },
        timeframes.map((tf) => element('option', { value: `${source}|${tf}` }, tf)),
      ),
    ),
  );
  const limit = element(
    'select',
    { id: 'limit' },
    LIMITS.filter((count) => count <= catalogue.maxBars).map((count) =>
      element('option', { value: count }, countText(count)),
    ),
  );
  const logarithmic = element('input', { type: 'checkbox', id: 'log' });
  const families = element('fieldset', { class: 'checks' });
  const periods = element(
    'fieldset',
    { class: 'checks' },
    element('legend', {}, 'Periods'),
    catalogue.periods.map((period) => check('period', String(period), String(period))),
  );
  const root = element(
    'form',
    {
      class: 'controls',
      'aria-label': 'What the chart shows',
      on: {
        submit: (event: Event) => {
          event.preventDefault();
          // Enter in an unchanged field tries again
          if (waiting !== null) askAssets();
        },
      },
    },
    element('label', {}, 'Asset ', asset, options),
    element('label', {}, 'Timeframe ', timeframe),
    element('label', {}, 'Bars ', limit),
    element('label', { class: 'check' }, logarithmic, ' Logarithmic'),
    element('div', { class: 'emas' }, families, periods),
  );

  let current: ChartChoice | null = null;

  const choose = (target: EventTarget | null): void => {
    if (current === null) return;
    const [source, tf] = timeframe.value.split('|') as [string, string];
    const [id, ...others] = asset.value === nameOf(current.id) ? [current.id] : assetsMeant(asset.value, assets);
    waiting = id === undefined && assets === null ? () => choose(target) : null;
    if (waiting !== null) return askAssets();
    if (id === undefined || others.length > 0) {
      asset.setCustomValidity(
        id === undefined ? 'Not an asset of this database' : 'Several assets are called that: choose one from the list',
      );
      asset.reportValidity();
      return;
    }
    asset.setCustomValidity('');
    const emas = target === timeframe ? sameEmas(source) : chosenEmas();
    chosen({ id, source, tf, emas, limit: Number(limit.value) });
    // the scale is no part of the address: draw again
    if (target === logarithmic) dispatchEvent(new HashChangeEvent('hashchange'));
  };
  root.addEventListener('change', ({ target }) => choose(target));

  const nameOf = (id: number): string => {
    const known = assets?.find((one) => one.id === id);
    return known === undefined ? String(id) : assetText(known);
  };
  const tablesOf = (source: string) => catalogue.sources.find((known) => known.source === source)?.emaTables ?? [];

  function checked(name: string): string[] {
    return [...root.querySelectorAll<HTMLInputElement>(`input[name=${name}]:checked`)].map(({ value }) => value);
  }

  /** The EMA that is drawn by default: that of the closed bars. */
  const usualFamilies = (source: string): string[] =>
    tablesOf(source)
      .slice(0, 1)
      .map(({ table, hasBar }) => (hasBar ? `${table}:bar` : table));

  /** The source of an address: the one it names if that has the timeframe, else the first one that has it. */
  const placeOf = (parameters: URLSearchParams): CatalogueSource => {
    const named = catalogue.sources.find(({ source }) => source === parameters.get('source'));
    const having = catalogue.sources.filter(({ timeframes }) => timeframes.includes(parameters.get('tf') as string));
    const first = catalogue.sources[0] as CatalogueSource;
    return named !== undefined && having.includes(named) ? named : (having[0] ?? named ?? first);
  };

  function chosenEmas(): string {
    return combine(checked('family'), checked('period'));
  }

  /**
   * The EMAs after a change of timeframe: the same periods, of those chosen families that the source has, or of its usual one if
   * it has none of them; no EMA if none was chosen.
   */
  function sameEmas(source: string): string {
    const known = tablesOf(source).map(({ table }) => table);
    const kept = checked('family').filter((family) => known.includes(family.split(':')[0] as string));
    const wanted = kept.length > 0 || checked('family').length === 0 ? kept : usualFamilies(source);
    return combine(wanted, checked('period'));
  }

  return {
    root,
    offerLogarithmic(isPossible) {
      logarithmic.disabled = !isPossible;
      logarithmic.title = isPossible ? '' : 'Only for prices above 0';
    },
    isLogarithmic: () => logarithmic.checked && !logarithmic.disabled,
    offer(all) {
      assets = all;
      if (document.activeElement === asset) fillOptions();
      // text that the user is typing stays
      if (current !== null && asset.value === String(current.id)) asset.value = nameOf(current.id);
      waiting?.();
    },
    read(id, parameters) {
      const place = placeOf(parameters);
      const tf = place.timeframes.find((label) => label === parameters.get('tf')) ?? (place.timeframes[0] as string);
      const usual = catalogue.periods.filter((period) => DEFAULT_PERIODS.includes(period)).map(String);
      const emas = parameters.get('emas') ?? combine(usualFamilies(place.source), usual);
      const bars = LIMITS.find((count) => String(count) === parameters.get('limit')) ?? 4_000;
      // without any EMA the boxes stay as they are, so that the user can go on choosing
      const keepsBoxes = emas === '' && current?.source === place.source;
      current = { id, source: place.source, tf, emas, limit: bars };
      asset.value = nameOf(id);
      waiting = null;
      timeframe.value = `${place.source}|${tf}`;
      limit.value = String(bars);
      if (keepsBoxes) return current;
      const parts = emas.split(',').map((part) => part.split(':'));
      families.replaceChildren(
        element('legend', {}, 'EMAs'),
        ...place.emaTables.flatMap(({ table, title, hasBar }) => {
          const isShown = (series: string | undefined) => parts.some((part) => part[0] === table && part[2] === series);
          const box = (series: 'ema' | 'ema_bar') => {
            const { short, sentence } = emaMeaning({ table, series });
            const [value, part] = series === 'ema' ? [table, undefined] : [`${table}:bar`, 'bar'];
            return check('family', value, `${title}, ${short}`, isShown(part), sentence);
          };
          return hasBar ? [box('ema_bar'), box('ema')] : [box('ema')];
        }),
      );
      for (const box of periods.querySelectorAll('input')) {
        box.checked = parts.some((part) => part[1] === box.value);
      }
      return current;
    },
    unknownTimeframe(parameters) {
      const tf = parameters.get('tf');
      return tf === null || catalogue.sources.some(({ timeframes }) => timeframes.includes(tf)) ? null : tf;
    },
  };
}

function combine(families: readonly string[], periods: readonly string[]): string {
  const all = families.flatMap((family) => {
    const [table, series] = family.split(':');
    return periods.map((period) => (series === undefined ? `${table}:${period}` : `${table}:${period}:${series}`));
  });
  return all.slice(0, MOST_EMAS).join(',');
}

function check(name: string, value: string, text: string, checked = false, title?: string): HTMLElement {
  return element(
    'label',
    { class: 'check', title },
    element('input', { type: 'checkbox', name, value, checked }),
    ` ${text}`,
  );
}

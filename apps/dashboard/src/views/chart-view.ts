import type { AssetName, Assets, Chart } from '@ta/dashboard-server/api';
import { ask } from '../api-client.ts';
import { chartData, newestTexts, rejectText, type ChartData } from '../chart/chart-data.ts';
import { emaMeaning } from '../chart/ema-meaning.ts';
import { priceChart, type PriceChart } from '../chart/price-chart.ts';
import { emaName, readout, spoken, stateText } from '../chart/readout.ts';
import { element, table } from '../dom.ts';
import { civilDayText, exactText } from '../formats.ts';
import { palette } from '../theme.ts';
import { chartControls, type ChartChoice } from './chart-controls.ts';
import type { View, World } from './view.ts';

const TABLE_ROWS = 200;
const MOST_ID = 2 ** 31 - 1;

/** Bars of one asset and timeframe with EMAs: a chart and, for screen readers, a sentence per bar and a table. */
export function chartView(world: World): View {
  const plot = element('div', {
    class: 'plot',
    tabindex: 0,
    role: 'application',
    'aria-roledescription': 'chart',
    'aria-label': 'Bars. Left and right arrow: bar by bar. Page up and down: ten bars. Home, end: first and last.',
  });
  const numbers = element('section', { class: 'numbers', 'aria-label': 'Numbers of the bar' });
  const voice = element('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  const rows = element('details', { class: 'rows' }, element('summary', {}, `Table of the newest ${TABLE_ROWS} bars`));
  const controls = chartControls(
    world.catalogue,
    (choice) => void (location.hash = hashOf(choice)),
    () => void listAssets().catch(world.fail),
  );
  const legend = element(
    'p',
    { class: 'legend' },
    ...[
      ['key closed', 'closed bar'],
      ['key partial', 'partial bar (hollow)'],
      ['key gap', 'missing days'],
      ['key reject', 'refused rows'],
    ].map(([name, text]) => element('span', {}, element('i', { class: name as string }), ` ${text}`)),
  );
  const cut = element('span', { class: 'cut' });
  legend.append(cut);
  const lines = element('ul', { class: 'lines', 'aria-label': 'What the lines are' });
  const root = element('div', { class: 'chart-view' }, controls.root, legend, plot, lines, numbers, rows, voice);

  /** All assets, once they have been requested. */
  let assets: readonly AssetName[] | null = null;
  let listing: Promise<void> | null = null;
  let drawing: PriceChart | null = null;
  let data: ChartData | null = null;
  let selected = -1;
  let pending = new AbortController();
  const left = new AbortController();

  const showBar = (bar: number): void => {
    if (data === null || bar < 0) return;
    selected = bar;
    numbers.replaceChildren(readout(data, bar, palette().emas));
  };
  const step = (by: number): void => {
    if (data === null || data.times.length === 0) return;
    const bar = Math.max(0, Math.min(data.times.length - 1, selected + by));
    showBar(bar);
    drawing?.point(bar);
    voice.textContent = spoken(data, bar);
  };
  const keys: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageUp: -10,
    PageDown: 10,
    Home: -Infinity,
    End: Infinity,
  };
  plot.addEventListener('keydown', (event) => {
    const by = keys[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  });
  rows.addEventListener('toggle', () => {
    if (rows.open && data !== null) fillTable(rows, data);
  });

  /** Resolves when the drawing is on the screen. */
  const draw = (answer: Chart): Promise<void> => {
    data = chartData(answer);
    // the elements around the plot come first: they decide its size, so that the bars are painted once
    const older = answer.isCut ? ' Older bars exist: raise "Bars".' : '';
    cut.textContent = ` Days of ${answer.zone}.${older}`;
    const meanings = answer.emas.map(emaMeaning);
    const kinds = new Map(meanings.map(({ sentence, isOfClosedBars }) => [sentence, isOfClosedBars ? '──' : '╌╌']));
    lines.replaceChildren(...[...kinds].map(([sentence, sign]) => element('li', {}, `${sign} ${sentence}`)));
    if (data.times.length === 0) {
      selected = -1;
      const texts = newestTexts(answer.rejects.map(rejectText));
      const rejects = texts.map((text) => element('li', { 'data-field': 'reject' }, text));
      numbers.replaceChildren(
        element('p', {}, 'No bars yet for this asset and timeframe.'),
        ...(rejects.length === 0 ? [] : [element('ul', { 'aria-label': 'Rejects' }, rejects)]),
      );
    } else showBar(data.times.length - 1);
    drawing ??= priceChart(plot, (bar) => {
      if (bar !== null) showBar(bar);
    });
    controls.offerLogarithmic(data.isPositive);
    drawing.setLogarithmic(controls.isLogarithmic());
    drawing.draw(data);
    plot.dataset['bars'] = String(data.times.length);
    plot.dataset['marks'] = String(data.marks.length);
    if (rows.open) fillTable(rows, data);
    // two frames: the first one paints what was drawn, the second proves that it is done
    return new Promise((resolve) =>
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          plot.dataset['paintedMs'] ??= String(Math.round(performance.now()));
          plot.dataset['shown'] = location.hash;
          resolve();
        }),
      ),
    );
  };

  /** Requests the list of all assets, once for all who wait for it, whichever chart they show meanwhile. */
  const listAssets = async (): Promise<void> => {
    if (assets !== null) return;
    const request = async (): Promise<void> => {
      ({ assets } = await ask<Assets>('assets', {}, left.signal));
      controls.offer(assets);
    };
    await (listing ??= request().finally(() => (listing = null)));
  };
  /** The asset if it exists or the assets are not known yet; else the first one; null when there is none at all. */
  const existing = (id: number): number | null =>
    assets === null || assets.some((asset) => asset.id === id) ? id : (assets[0]?.id ?? null);
  /** A message about an asset or timeframe in the address that does not exist; an asset only once all are known. */
  const unfollowed = (parameters: URLSearchParams, { id, tf }: ChartChoice): string | null => {
    const [asset, timeframe] = [parameters.get('id'), controls.unknownTimeframe(parameters)];
    const shown = assets?.find((one) => one.id === id)?.name ?? '';
    const said = [
      ...(asset !== null && assets !== null && asset !== String(id)
        ? [`There is no asset ${asset.slice(0, 40)} in this database: this is ${id} ${shown}.`]
        : []),
      ...(timeframe === null ? [] : [`There is no timeframe ${timeframe.slice(0, 40)}: this is ${tf}.`]),
    ];
    return said.length === 0 ? null : said.join(' ');
  };
  const show = async (parameters: URLSearchParams, signal: AbortSignal): Promise<void> => {
    const wanted = Number(parameters.get('id'));
    // to draw the bars of a named asset the long list of assets is not needed; it is requested afterwards
    if (!(Number.isInteger(wanted) && wanted > 0 && wanted <= MOST_ID)) await listAssets();
    signal.throwIfAborted();
    const asset = existing(wanted);
    if (asset === null) {
      numbers.replaceChildren(element('p', {}, 'No assets yet: import prices, then refresh.'));
      return;
    }
    const choice = controls.read(asset, parameters);
    const { id, source, tf, emas, limit } = choice;
    const answer = await ask<Chart>('chart', { id, source, tf, emas, limit }, signal);
    world.say(unfollowed(parameters, choice));
    await draw(answer);
    await listAssets();
    signal.throwIfAborted();
    if (existing(id) !== id) await show(parameters, signal);
  };

  return {
    root,
    async show(parameters) {
      pending.abort();
      pending = new AbortController();
      const { signal } = pending;
      try {
        await show(parameters, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    recolour() {
      drawing?.recolour();
      showBar(selected);
    },
    leave() {
      pending.abort();
      left.abort();
      drawing?.remove();
    },
  };
}

function hashOf(choice: ChartChoice): string {
  const text = Object.entries(choice).map(([name, value]): [string, string] => [name, String(value)]);
  return `#/chart?${new URLSearchParams(text).toString()}`;
}

function fillTable(rows: HTMLDetailsElement, { chart }: ChartData): void {
  const { bars, emas } = chart;
  const count = bars.timeClose.length;
  const newest = Array.from({ length: Math.min(TABLE_ROWS, count) }, (_, i) => count - 1 - i);
  const filled = table(
    `Newest bars of id ${chart.id}, ${chart.tf}; days of ${chart.zone}`,
    ['Closes', 'Open', 'High', 'Low', 'Close', 'State', ...emas.map(emaName)],
    newest.map((bar) => [
      civilDayText(bars.closeDay[bar]),
      ...[bars.open, bars.high, bars.low, bars.close].map((column) => exactText(column[bar])),
      stateText(chart, bar),
      ...emas.map((ema) => exactText(ema.values[bar])),
    ]),
  );
  rows.replaceChildren(rows.firstElementChild as Element, filled);
}

import type { Chart } from '@ta/dashboard-server/api';
import { element } from '../dom.ts';
import { civilDayText, exactText } from '../formats.ts';
import type { ChartData } from './chart-data.ts';
import { emaMeaning } from './ema-meaning.ts';

/** The state of a bar: closed, or why not. */
export function stateText({ bars }: Chart, bar: number): string {
  const parts: string[] = [];
  if (bars.isPartialStart[bar] === 1) parts.push('partial: the history begins inside it');
  const closedDay = bars.closedDay[bar];
  if (closedDay === null || closedDay === undefined) {
    const isLast = bar === bars.timeClose.length - 1;
    parts.push(isLast ? 'partial: still open' : 'partial: its closing day is missing');
  } else if (closedDay !== bars.closeDay[bar]) parts.push(`closed, known on ${civilDayText(closedDay)}`);
  return parts.length === 0 ? 'closed' : parts.join('; ');
}

/** Name of an EMA in legends. */
export function emaName(ema: Chart['emas'][number]): string {
  return `EMA ${ema.period} ${emaMeaning(ema).short}`;
}

/** The numbers of one bar, as stored, as a list to look at; `data-field` names each. */
export function readout({ chart, rejectsOf }: ChartData, bar: number, colours: readonly string[]): HTMLElement {
  const { bars, emas } = chart;
  const entry = (name: string, field: string, value: string, colour?: string): HTMLElement =>
    element(
      'div',
      {},
      element('dt', colour === undefined ? {} : { style: `color:${colour}` }, name),
      element('dd', { 'data-field': field }, value),
    );
  const missing = bars.missingDays[bar] ?? 0;
  return element(
    'dl',
    { class: 'readout' },
    entry('Opens', 'timeOpen', civilDayText(bars.openDay[bar])),
    entry('Closes', 'timeClose', civilDayText(bars.closeDay[bar])),
    entry('Open', 'open', exactText(bars.open[bar])),
    entry('High', 'high', exactText(bars.high[bar])),
    entry('Low', 'low', exactText(bars.low[bar])),
    entry('Close', 'close', exactText(bars.close[bar])),
    entry('Volume', 'volume', exactText(bars.volume[bar])),
    entry('Bar', 'barSeq', exactText(bars.barSeq[bar])),
    entry('State', 'state', stateText(chart, bar)),
    ...(missing > 0
      ? [entry(chart.source === '1d' ? 'Days missing before' : 'Days missing', 'missingDays', String(missing))]
      : []),
    ...(rejectsOf.get(bar) ?? []).map((text) => entry('Reject', 'reject', text)),
    ...emas.map((ema, i) =>
      entry(
        emaName(ema),
        `ema:${ema.table}:${ema.period}:${ema.series}`,
        exactText(ema.values[bar]),
        colours[i % colours.length],
      ),
    ),
  );
}

/** The same as one sentence, for screen readers. */
export function spoken({ chart, rejectsOf }: ChartData, bar: number): string {
  const { bars, emas } = chart;
  const missing = bars.missingDays[bar] ?? 0;
  return [
    `${civilDayText(bars.closeDay[bar])}, ${stateText(chart, bar)}`,
    `open ${exactText(bars.open[bar])}, high ${exactText(bars.high[bar])}, low ${exactText(bars.low[bar])}, close ${exactText(bars.close[bar])}`,
    ...(missing > 0 ? [`${missing} days missing`] : []),
    ...(rejectsOf.get(bar) ?? []),
    ...emas.map((ema) => `${emaName(ema)} ${exactText(ema.values[bar])}`),
  ].join('. ');
}

import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  LineSeries,
  LineStyle,
  PriceScaleMode,
  TickMarkType,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { civilDayText, dayText } from '../formats.ts';
import { palette } from '../theme.ts';
import type { ChartData } from './chart-data.ts';
import { emaMeaning } from './ema-meaning.ts';

/** With more marks than this their texts would cover each other, and only the readout shows them. */
const MOST_TEXTS = 60;

/** The label below the bars: year, month or day of a day. */
function tickText(day: string, kind: TickMarkType): string {
  if (kind === TickMarkType.Year) return day.slice(0, 4);
  return kind === TickMarkType.Month ? day.slice(0, 7) : String(Number(day.slice(8)));
}

/** The drawing: candles, EMA lines, marks. */
export interface PriceChart {
  draw(data: ChartData): void;
  /** Puts the crosshair on a bar and brings it into view. */
  point(bar: number): void;
  setLogarithmic(isOn: boolean): void;
  recolour(): void;
  remove(): void;
}

/**
 * Draws bars and EMAs with lightweight-charts. Closed bars are filled; partial ones are hollow and in a colour of their
 * own; days without a bar take up their empty place.
 *
 * @param hovered called with the bar under the pointer, or null
 */
export function priceChart(host: HTMLElement, hovered: (bar: number | null) => void): PriceChart {
  /** The civil day at a time of the chart, in its zone; at a time without a slot, the day in UTC. */
  const dayAt = (time: number): string => {
    const day = data?.dayAt.get(time);
    return day === undefined ? dayText(time * 1000) : civilDayText(day);
  };
  let data: ChartData | null = null;
  const chart: IChartApi = createChart(host, {
    autoSize: true,
    localization: { timeFormatter: (time: Time) => dayAt(Number(time)) },
    timeScale: {
      minBarSpacing: 0.05,
      rightOffset: 2,
      // bars narrower than a pixel are drawn together, one or two pixels wide; marks and numbers stay those of each bar
      enableConflation: true,
      conflationThresholdFactor: 2,
      tickMarkFormatter: (time: Time, kind: TickMarkType) => tickText(dayAt(Number(time)), kind),
    },
  });
  const candles = chart.addSeries(CandlestickSeries, { lastValueVisible: false, priceLineVisible: false });
  const markers: ISeriesMarkersPluginApi<Time> = createSeriesMarkers(candles, []);
  let lines: ISeriesApi<'Line'>[] = [];

  chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
    if (sourceEvent === undefined && time === undefined) return;
    hovered(time === undefined ? null : (data?.indexOf.get(Number(time)) ?? null));
  });

  const draw = (): void => {
    const colours = palette();
    chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: 'transparent' }, textColor: colours.text },
      grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    });
    if (data === null) return;
    const { chart: answer, slots, priceFormat } = data;
    const { factor, minMove, text } = priceFormat;
    const format = { type: 'custom' as const, formatter: text, minMove };
    const { open, high, low, close, closedDay, isPartialStart } = answer.bars;
    candles.applyOptions({
      upColor: colours.up,
      downColor: colours.down,
      borderUpColor: colours.up,
      borderDownColor: colours.down,
      wickUpColor: colours.up,
      wickDownColor: colours.down,
      priceFormat: format,
    });
    const hollow = { color: 'transparent', borderColor: colours.partial, wickColor: colours.partial };
    candles.setData(
      slots.map(({ time, bar }) => {
        if (bar === -1) return { time: time as UTCTimestamp };
        const values = {
          time: time as UTCTimestamp,
          open: (open[bar] as number) * factor,
          high: (high[bar] as number) * factor,
          low: (low[bar] as number) * factor,
          close: (close[bar] as number) * factor,
        };
        return closedDay[bar] === null || isPartialStart[bar] === 1 ? { ...values, ...hollow } : values;
      }),
    );
    for (const line of lines) chart.removeSeries(line);
    lines = answer.emas.map((ema, i) => {
      const line = chart.addSeries(LineSeries, {
        color: colours.emas[i % colours.emas.length] as string,
        lineWidth: 1,
        lineStyle: emaMeaning(ema).isOfClosedBars ? LineStyle.Solid : LineStyle.Dashed,
        priceLineVisible: false,
        lastValueVisible: false,
        crosshairMarkerVisible: false,
        priceFormat: format,
      });
      line.setData(
        ema.values.map((value, bar) => {
          const time = data?.times[bar] as UTCTimestamp;
          return value === null ? { time } : { time, value: value * factor };
        }),
      );
      return line;
    });
    const hasTexts = data.marks.length <= MOST_TEXTS;
    markers.setMarkers(
      data.marks.map(({ time, kind, text }): SeriesMarker<Time> => ({
        time: time as UTCTimestamp,
        position: kind === 'gap' ? 'belowBar' : 'aboveBar',
        shape: kind === 'gap' ? 'circle' : 'square',
        color: kind === 'gap' ? colours.gap : colours.reject,
        text: hasTexts ? text : '',
        size: 0.6,
      })),
    );
  };

  return {
    draw(next) {
      data = next;
      draw();
      chart.timeScale().fitContent();
    },
    point(bar) {
      const time = data?.times[bar];
      const close = data?.chart.bars.close[bar];
      if (data === null || time === undefined || close === undefined || close === null) return;
      const slot = data.slots.findIndex((known) => known.bar === bar);
      const scale = chart.timeScale();
      const seen = scale.getVisibleLogicalRange();
      if (seen !== null && (slot < seen.from || slot > seen.to)) {
        const width = seen.to - seen.from;
        scale.setVisibleLogicalRange({ from: slot - width / 2, to: slot + width / 2 });
      }
      chart.setCrosshairPosition(close * data.priceFormat.factor, time as UTCTimestamp, candles);
    },
    setLogarithmic(isOn) {
      chart.priceScale('right').applyOptions({ mode: isOn ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
    },
    recolour: draw,
    remove: () => chart.remove(),
  };
}

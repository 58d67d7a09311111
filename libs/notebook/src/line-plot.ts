/** One line of a plot; NaN is a gap, and so is zero or less on a logarithmic scale. */
export interface PlotLine {
  readonly name: string;
  /** Instants, epoch ms, ascending. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

const COLOURS = ['#0b57d0', '#b35900', '#7627bb', '#00707a', '#b0205e', '#4a6b00', '#5f6368'];
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [860, 360, 70, 28, 30];

/** Lines over time as an SVG text, for a notebook without a plotting library; `scale: 'log'` for prices over many years. */
export function linePlot(title: string, lines: readonly PlotLine[], scale: 'linear' | 'log' = 'linear'): string {
  const [xs, ys] = [lines.flatMap(({ x }) => Array.from(x)), lines.flatMap(({ y }) => Array.from(y))];
  const value = (y: number) => (scale === 'log' ? (y > 0 ? Math.log10(y) : NaN) : y);
  const [x0, x1] = rangeOf(xs);
  const [y0, y1] = rangeOf(ys.map(value));
  const px = (x: number): number => LEFT + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - LEFT - 10);
  const py = (y: number): number => HEIGHT - BOTTOM - ((value(y) - y0) / (y1 - y0 || 1)) * (HEIGHT - BOTTOM - TOP);
  const drawn = lines.map(
    ({ x, y }, i) =>
      `<path d="${pathOf(
        x,
        Array.from(y, (one) => (Number.isFinite(value(one)) ? one : NaN)),
        px,
        py,
      )}" fill="none" stroke="${colour(i)}" stroke-width="1.3"/>`,
  );
  const legend = lines.map(
    ({ name }, i) => `<text x="${LEFT + 8}" y="${TOP + 14 + i * 16}" fill="${colour(i)}">${escaped(name)}</text>`,
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const level = y0 + share * (y1 - y0);
    const shown = scale === 'log' ? 10 ** level : level;
    const y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
    const day = new Date(x0 + share * (x1 - x0)).toISOString().slice(0, 10);
    const x = px(x0 + share * (x1 - x0));
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<line x1="${LEFT}" x2="${WIDTH - 10}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${Number(shown.toPrecision(3))}</text><text x="${x.toFixed(1)}" y="${HEIGHT - 8}" text-anchor="${anchor}">${day}</text>`;
  });
  const heading = `<text x="${LEFT}" y="18" font-size="14" font-weight="600">${escaped(title)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" font-family="sans-serif" font-size="11" role="img" aria-label="${escaped(title)}"><rect width="100%" height="100%" fill="#fff"/>${[heading, ...ticks, ...drawn, ...legend].join('')}</svg>`;
}

function pathOf(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  px: (x: number) => number,
  py: (y: number) => number,
): string {
  let path = '';
  let isPen = false;
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(y[i])) {
      isPen = false;
      continue;
    }
    path += `${isPen ? 'L' : 'M'}${px(x[i]).toFixed(1)} ${py(y[i]).toFixed(1)}`;
    isPen = true;
  }
  return path;
}

function rangeOf(values: readonly number[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least && value > -Infinity) least = value;
    if (value > greatest && value < Infinity) greatest = value;
  }
  return least <= greatest ? [least, greatest] : [0, 0];
}

function colour(i: number): string {
  return COLOURS[i % COLOURS.length] as string;
}

function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[sign] ?? '&quot;');
}

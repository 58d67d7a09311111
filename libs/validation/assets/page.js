// The page of a validation, in the browser. Every text becomes a text node: nothing here makes markup of a value.
(() => {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const charts = window.LightweightCharts;
  const SEVERITIES = ['CRITICAL', 'ERROR', 'WARNING', 'INFO'];
  const PAGE_SIZE = 40;
  const DAY_TEXT = {
    b: 'a bar',
    r: 'a bar, repaired',
    x: 'rejected',
    g: 'missing in the source',
    l: 'in the source, neither bar nor reject',
  };

  /** An element with properties, and children that are elements or texts. */
  function h(name, properties, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (value === null || value === undefined) continue;
      if (key in element && key !== 'list') element[key] = value;
      else element.setAttribute(key, value);
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined) element.append(child);
    }
    return element;
  }

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const number = (value) => value.toLocaleString('en-US');
  const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
  const pill = (text, kind) => h('span', { className: `pill ${kind}` }, text);
  const checkById = new Map(data.checks.map((check) => [check.id, check]));

  // findings and their filters

  const filter = { severities: new Set(SEVERITIES), check: '', id: '', table: '', text: '' };
  const matches = (finding) =>
    filter.severities.has(finding.severity) &&
    (filter.check === '' || finding.check === filter.check) &&
    (filter.id === '' || String(finding.id) === filter.id) &&
    (filter.table === '' || finding.table === filter.table) &&
    (filter.text === '' || `${finding.message} ${finding.detail}`.toLowerCase().includes(filter.text));

  const list = h('div', { id: 'findings-list' });
  const count = h('span', { className: 'muted', id: 'findings-count', role: 'status' });
  let shownLimit = PAGE_SIZE;

  function showFindings() {
    stopWatching();
    const found = data.findings.filter(matches);
    const shown = found.slice(0, shownLimit);
    count.textContent = `${number(shown.length)} of ${plural(found.length, 'finding')} shown`;
    list.replaceChildren(...shown.map(findingCard));
    if (data.findings.length === 0) list.append(h('p', { className: 'empty' }, 'Nothing was found.'));
    else if (found.length === 0) list.append(h('p', { className: 'empty' }, 'No finding matches the filters.'));
    if (found.length > shown.length) {
      const more = Math.min(PAGE_SIZE, found.length - shown.length);
      const show = () => {
        shownLimit += PAGE_SIZE;
        showFindings();
      };
      list.append(h('p', {}, h('button', { type: 'button', id: 'more', onclick: show }, `Show ${more} more`)));
    }
    list.querySelectorAll('.chart').forEach((element) => watcher.observe(element));
  }

  function findingCard(finding) {
    const check = checkById.get(finding.check);
    const place = finding.place === null ? null : data.places[finding.place];
    const facts = [
      ['Table', finding.table],
      ['Asset', finding.id],
      ['Timeframe', finding.tf],
      ['Period', finding.period],
      ['Where', finding.key],
      ['Stored', finding.actual],
      ['Expected', finding.expected],
    ].filter(([, value]) => value !== null);
    const text = h(
      'div',
      {},
      h('h3', {}, pill(finding.severity, finding.severity), `${finding.check} ${check?.name ?? ''}`),
      h('p', {}, finding.message),
      h(
        'dl',
        {},
        facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', { className: 'mono' }, String(value))]),
      ),
      h('p', { className: 'muted' }, `What to do: ${check?.whatToDo ?? ''}`),
      h('details', {}, h('summary', {}, 'Details'), h('code', {}, finding.detail)),
    );
    if (place === null) return h('article', { className: 'finding chartless' }, text);
    const chart = h('div', { className: 'chart', 'data-place': String(finding.place) });
    const where = place.mark === null ? 'newest bars' : `around ${place.mark}`;
    const line = place.line === null ? '' : `, ${place.line.label}`;
    return h(
      'article',
      { className: 'finding' },
      text,
      h('figure', {}, chart, h('figcaption', {}, `${place.label}${line}, ${where}`)),
    );
  }

  // candle charts, drawn when they come into view

  const drawn = new Map();
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || drawn.has(target)) continue;
        drawn.set(target, drawChart(target, data.places[Number(target.dataset.place)]));
        watcher.unobserve(target);
      }
    },
    { rootMargin: '200px' },
  );

  function stopWatching() {
    watcher.disconnect();
    for (const chart of drawn.values()) chart.remove();
    drawn.clear();
  }

  function chartColours() {
    return {
      layout: {
        background: { color: colour('card') },
        textColor: colour('muted'),
        attributionLogo: false,
        fontSize: 11,
      },
      grid: { vertLines: { visible: false }, horzLines: { color: colour('line') } },
      rightPriceScale: { borderColor: colour('line') },
      timeScale: { borderColor: colour('line') },
    };
  }

  function drawChart(element, place) {
    const chart = charts.createChart(element, {
      ...chartColours(),
      autoSize: true,
      handleScroll: false,
      handleScale: false,
    });
    const candles = chart.addSeries(charts.CandlestickSeries, {
      ...candleColours(),
      borderVisible: false,
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: priceFormat(place.bars),
    });
    const isWhole = (values) => values.every((value) => value !== null);
    candles.setData(
      place.bars.map(([time, open, high, low, close]) =>
        isWhole([open, high, low, close]) ? { time, open, high, low, close } : { time },
      ),
    );
    let line = null;
    if (place.line !== null) {
      line = chart.addSeries(charts.LineSeries, {
        color: colour('ema'),
        lineWidth: 2,
        priceLineVisible: false,
        lastValueVisible: false,
        crosshairMarkerVisible: false,
      });
      line.setData(place.line.points.map(([time, value]) => (value === null ? { time } : { time, value })));
    }
    const mark = nearest(place);
    const marks = () =>
      mark === null
        ? []
        : [{ time: mark, position: 'aboveBar', shape: 'arrowDown', color: colour('critical'), size: 1.5 }];
    const markers = charts.createSeriesMarkers(candles, marks());
    chart.timeScale().fitContent();
    return {
      remove: () => chart.remove(),
      recolour() {
        chart.applyOptions(chartColours());
        candles.applyOptions(candleColours());
        line?.applyOptions({ color: colour('ema') });
        markers.setMarkers(marks());
      },
    };
  }

  function candleColours() {
    const [up, down] = [colour('up'), colour('down')];
    return { upColor: up, downColor: down, wickUpColor: up, wickDownColor: down };
  }

  /** The bar of the place, or the one before it where it has none. */
  function nearest({ bars, mark }) {
    if (mark === null) return null;
    const before = bars.filter(([day, ...values]) => day <= mark && values.every((value) => value !== null));
    return before.length === 0 ? bars[0][0] : before[before.length - 1][0];
  }

  function priceFormat(bars) {
    const top = Math.max(...bars.map((bar) => Math.abs(bar[4] ?? 0)), 1e-12);
    const precision = Math.max(0, Math.min(12, 4 - Math.floor(Math.log10(top))));
    return { type: 'price', precision, minMove: 10 ** -precision };
  }

  function filters() {
    const refresh = () => {
      shownLimit = PAGE_SIZE;
      showFindings();
    };
    const chips = SEVERITIES.filter((severity) => data.findings.some((finding) => finding.severity === severity)).map(
      (severity) => {
        const toggle = (event) => {
          if (event.target.checked) filter.severities.add(severity);
          else filter.severities.delete(severity);
          refresh();
        };
        const many = data.findings.filter((finding) => finding.severity === severity).length;
        return h(
          'label',
          { className: `chip ${severity}` },
          h('input', { type: 'checkbox', checked: true, onchange: toggle, name: severity }),
          `${severity} ${number(many)}`,
        );
      },
    );
    const choice = (name, label, values) => {
      const options = [h('option', { value: '' }, label), ...values.map((value) => h('option', { value }, value))];
      const onchange = (event) => {
        filter[name] = event.target.value;
        refresh();
      };
      return h('select', { id: `filter-${name}`, 'aria-label': label, onchange }, options);
    };
    const distinct = (values) => [...new Set(values)].filter((value) => value !== 'null');
    const search = (event) => {
      filter.text = event.target.value.toLowerCase();
      refresh();
    };
    const ids = distinct(data.findings.map(({ id }) => String(id))).sort((a, b) => Number(a) - Number(b));
    return h(
      'div',
      { className: 'filters' },
      chips,
      choice('check', 'All checks', distinct(data.findings.map(({ check }) => check)).sort()),
      choice('id', 'All assets', ids),
      choice('table', 'All tables', distinct(data.findings.map(({ table }) => table)).sort()),
      h('input', { type: 'search', id: 'filter-text', placeholder: 'Search', 'aria-label': 'Search', oninput: search }),
      count,
    );
  }

  // calendars

  const CELL = 9;
  const TOP = 13;
  const SHORT = { g: 'missing in the source', l: 'lost', x: 'rejected', r: 'repaired' };
  const DAY_MS = 86400000;

  function daysOf(calendar) {
    const marks = calendar.marks.replace(/(\d+)([a-z])/g, (_, many, mark) => mark.repeat(Number(many)));
    const first = Date.parse(`${calendar.firstDay}T00:00:00Z`);
    const years = new Map();
    for (let i = 0; i < marks.length; i++) {
      const date = new Date(first + i * DAY_MS);
      const year = date.getUTCFullYear();
      if (!years.has(year)) years.set(year, []);
      years.get(year).push({ ms: date.getTime(), mark: marks[i] });
    }
    return years;
  }

  function calendarCard(calendar, isOpen) {
    const { g, l, x, r } = calendar.counts;
    const parts = [
      [g, `${plural(g, 'day')} missing in the source`],
      [l, `${plural(l, 'day')} lost`],
      [x, `${number(x)} rejected`],
      [r, `${number(r)} repaired`],
    ].filter(([many]) => many > 0);
    const summary = parts.length === 0 ? 'every day has a bar' : parts.map(([, text]) => text).join(', ');
    const body = h('div', {});
    const card = h(
      'details',
      { className: 'calendar', 'data-id': String(calendar.id) },
      h(
        'summary',
        {},
        h('b', {}, `${calendar.id} ${calendar.name}`),
        ` from ${calendar.firstDay}, ${plural(calendar.days, 'day')}: ${summary}`,
      ),
      body,
    );
    let isDrawn = false;
    const draw = () => {
      if (isDrawn || !card.open) return;
      isDrawn = true;
      fillCalendar(body, calendar, false);
    };
    card.addEventListener('toggle', draw);
    card.open = isOpen;
    return card;
  }

  function fillCalendar(body, calendar, isAll) {
    const years = [...daysOf(calendar)].sort(([a], [b]) => b - a);
    const busy = years.filter(([, days]) => days.some(({ mark }) => mark !== 'b'));
    const shown = isAll || busy.length === 0 ? years.slice(0, isAll ? years.length : 2) : busy;
    const figures = shown.map(([year, days]) => yearFigure(calendar, year, days));
    const toggle = h('button', { type: 'button', onclick: () => fillCalendar(body, calendar, !isAll) });
    toggle.textContent = isAll ? 'Only years with gaps, rejects or repairs' : `All ${plural(years.length, 'year')}`;
    body.replaceChildren(
      h('div', { className: 'years' }, figures),
      ...(shown.length < years.length || isAll ? [h('p', {}, toggle)] : []),
    );
  }

  function yearFigure(calendar, year, days) {
    const canvas = h('canvas', { role: 'img' });
    const many = (mark) => days.filter((day) => day.mark === mark).length;
    const counted = Object.keys(SHORT).filter((mark) => many(mark) > 0);
    const text = counted.map((mark) => `${many(mark)} ${SHORT[mark]}`).join(', ') || 'every day has a bar';
    canvas.setAttribute('aria-label', `${calendar.name}, ${year}: ${text}`);
    const scale = window.devicePixelRatio || 1;
    canvas.width = 510 * scale;
    canvas.height = 76 * scale;
    const start = Date.UTC(year, 0, 1);
    const shift = (new Date(start).getUTCDay() + 6) % 7;
    const cells = new Map();
    for (const day of days) {
      const index = Math.round((day.ms - start) / DAY_MS) + shift;
      cells.set(`${Math.floor(index / 7)},${index % 7}`, day);
    }
    const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map(
      (name, month) => {
        const index = Math.round((Date.UTC(year, month, 1) - start) / DAY_MS) + shift;
        return [Math.floor(index / 7), name];
      },
    );
    canvas.paint = () => {
      const pen = canvas.getContext('2d');
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, 510, 76);
      pen.fillStyle = colour('muted');
      pen.font = '10px sans-serif';
      for (const [column, name] of months) pen.fillText(name, column * CELL, 9);
      for (const [at, { mark }] of cells) {
        const [column, row] = at.split(',').map(Number);
        pen.fillStyle = colour(`day-${mark}`);
        pen.fillRect(column * CELL, TOP + row * CELL, CELL - 1, CELL - 1);
      }
    };
    canvas.paint();
    canvas.addEventListener('mousemove', (event) => {
      const day = cells.get(`${Math.floor(event.offsetX / CELL)},${Math.floor((event.offsetY - TOP) / CELL)}`);
      canvas.title = day === undefined ? '' : `${new Date(day.ms).toISOString().slice(0, 10)}: ${DAY_TEXT[day.mark]}`;
    });
    return h('figure', {}, h('figcaption', {}, `${year}: ${text}`), canvas);
  }

  // the parts of the page

  function header() {
    const { sums } = data;
    const tile = (name, value, kind) => h('div', { className: 'tile' }, h('b', { className: kind }, value), name);
    const verdict = data.isPassed ? pill('PASSED', 'PASS') : pill('FAILED', 'CRITICAL');
    return h(
      'header',
      {},
      h('h1', {}, 'Validation', verdict),
      ...(data.reason === null ? [] : [h('p', {}, `Failed: ${data.reason}`)]),
      h('p', { className: 'muted' }, `${data.target}, as of ${data.asOf}, profile ${data.profile}`),
      h(
        'div',
        { className: 'tiles' },
        tile('checks passed', number(sums.passed), 'PASS'),
        tile('checks failed', number(sums.failed), sums.failed > 0 ? 'FAIL' : ''),
        tile('skipped', number(sums.skipped), ''),
        SEVERITIES.slice(0, 3).map((severity) =>
          tile(
            severity.toLowerCase(),
            number(sums.bySeverity[severity]),
            sums.bySeverity[severity] > 0 ? severity : '',
          ),
        ),
        tile('gaps', number(sums.gaps), ''),
        tile('duplicates', number(sums.duplicates), ''),
      ),
      h(
        'nav',
        {},
        h('a', { href: '#findings' }, 'Findings'),
        h('a', { href: '#calendars' }, 'Calendars'),
        h('a', { href: '#checks' }, 'Checks'),
      ),
    );
  }

  function calendars() {
    const isBusy = ({ counts }) => counts.g + counts.l + counts.x + counts.r > 0;
    const open = new Set(data.calendars.filter(isBusy).slice(0, 3));
    const legend = Object.entries(DAY_TEXT).map(([mark, text]) => {
      const entry = h('span', {}, text);
      entry.style.setProperty('--swatch', `var(--day-${mark})`);
      return entry;
    });
    return h(
      'section',
      { id: 'calendars' },
      h('h2', {}, 'Days of each asset'),
      h('p', { className: 'legend' }, legend),
      data.calendars.length === 0 ? h('p', { className: 'empty' }, 'No asset has a day.') : null,
      data.calendars.map((calendar) => calendarCard(calendar, open.has(calendar))),
    );
  }

  function checks() {
    const row = (check) => {
      const choose = () => {
        const select = document.getElementById('filter-check');
        if (![...select.options].some(({ value }) => value === check.id)) return;
        select.value = check.id;
        select.dispatchEvent(new Event('change'));
        document.getElementById('findings').scrollIntoView();
      };
      const isChoice = check.findings > 0;
      const onkeydown = (event) => void (event.key === 'Enter' && choose());
      return h(
        'tr',
        isChoice ? { role: 'button', tabIndex: 0, onclick: choose, onkeydown } : {},
        h('td', {}, check.id),
        h('td', {}, check.name, h('div', { className: 'muted' }, check.reason ?? check.explanation)),
        h('td', {}, pill(check.status, check.status)),
        h('td', { className: 'number' }, number(check.findings)),
        h('td', {}, check.worst === null ? '' : h('span', { className: check.worst }, check.worst)),
        h('td', { className: 'number' }, number(check.ms)),
      );
    };
    const head = ['Check', 'What it makes sure of', 'Status', 'Findings', 'Worst', 'ms'];
    const isNumber = (name) => name === 'Findings' || name === 'ms';
    return h(
      'section',
      { id: 'checks' },
      h('h2', {}, 'Checks'),
      h(
        'div',
        { className: 'scroll' },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              head.map((name) => h('th', { className: isNumber(name) ? 'number' : '' }, name)),
            ),
          ),
          h('tbody', {}, data.checks.map(row)),
        ),
      ),
    );
  }

  function footer() {
    const link = h('a', { href: 'https://www.tradingview.com/', rel: 'noreferrer' }, 'tradingview.com');
    return h(
      'footer',
      {},
      data.leftOut.map((text) => h('p', { className: 'left-out' }, `Not in this page: ${text}`)),
      h(
        'p',
        {},
        'Charts: TradingView Lightweight Charts™, Copyright © 2026 TradingView, Inc. ',
        link,
        '. Apache License 2.0.',
      ),
    );
  }

  document
    .getElementById('page')
    .append(
      header(),
      h('section', { id: 'findings' }, h('h2', {}, 'Findings'), filters(), list),
      calendars(),
      checks(),
      footer(),
    );
  showFindings();

  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of drawn.values()) chart.recolour();
    document.querySelectorAll('.years canvas').forEach((canvas) => canvas.paint());
  });
})();

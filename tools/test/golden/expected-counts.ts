/** What the comparison of one table must find. */
interface ExpectedCounts {
  /** Rows of the reference and of ours. */
  readonly rows: readonly [reference: number, ours: number];
  /** Compared rows: equal as they are, and excused by departures. */
  readonly compared: readonly [equal: number, excused: number];
  /** Excused rows that one side alone has. */
  readonly only: readonly [ours: number, reference: number];
  /** Rows per departure. */
  readonly uses: Readonly<Record<string, number>>;
}

/** Counts by table, found by the comparison of the golden set; a change here needs its reason. */
export const EXPECTED_COUNTS: Readonly<Record<string, ExpectedCounts>> = {
  cmc_price_bars_1d: {
    rows: [1897, 1898],
    compared: [1887, 9],
    only: [2, 1],
    uses: {
      'R3 1D gap flag': 6,
      'R16 price of a misplaced extreme': 3,
      'R17 first row of a day': 1,
      'D15 null volume or cap': 2,
    },
  },
  cmc_price_bars_multi_tf: {
    rows: [11064, 11058],
    compared: [10626, 432],
    only: [0, 6],
    uses: {
      'D10 columns left empty': 11064,
      'D14 where days are missing': 11064,
      'D13 parts of the gap in multi_tf': 11064,
      'D7 time_open after a gap': 20,
      'R19 unknown volume': 1,
      'D8 and R16 misplaced extremes': 3,
      'D9 day without prices': 154,
      'D3 null row in the raw source': 414,
    },
  },
  cmc_price_bars_multi_tf_cal_iso: {
    rows: [50072, 50059],
    compared: [0, 50059],
    only: [0, 13],
    uses: {
      'D10 columns left empty': 50072,
      'D14 where days are missing': 50072,
      'D7 time_open after a gap': 755,
      'D11 counts of cal_iso': 50072,
      'D8 and R16 misplaced extremes': 9,
      'D9 day without prices': 13,
      'D3 null row in the raw source': 468,
    },
  },
  cmc_price_bars_multi_tf_cal_us: {
    rows: [50100, 50087],
    compared: [49030, 1057],
    only: [0, 13],
    uses: {
      'D10 columns left empty': 50100,
      'D14 where days are missing': 50100,
      'D7 time_open after a gap': 601,
      'D8 and R16 misplaced extremes': 8,
      'D9 day without prices': 441,
      'D3 null row in the raw source': 461,
    },
  },
  cmc_price_bars_multi_tf_cal_anchor_iso: {
    rows: [23972, 23959],
    compared: [20051, 3908],
    only: [0, 13],
    uses: {
      'D10 columns left empty': 23972,
      'D14 where days are missing': 23972,
      'D6 bar_seq of anchored bars': 218,
      'D7 time_open after a gap': 1452,
      'D12 remaining days of a partial first bar': 2090,
      'D13 leading gap of anchored bars': 1315,
      'D8 and R16 misplaced extremes': 9,
      'D9 day without prices': 401,
      'D3 null row in the raw source': 406,
    },
  },
  cmc_price_bars_multi_tf_cal_anchor_us: {
    rows: [23972, 23959],
    compared: [20252, 3707],
    only: [0, 13],
    uses: {
      'D10 columns left empty': 23972,
      'D14 where days are missing': 23972,
      'D6 bar_seq of anchored bars': 218,
      'D7 time_open after a gap': 1284,
      'D12 remaining days of a partial first bar': 2062,
      'D13 leading gap of anchored bars': 1161,
      'D8 and R16 misplaced extremes': 9,
      'D9 day without prices': 396,
      'D3 null row in the raw source': 399,
    },
  },
  cmc_ema_multi_tf: {
    rows: [25388, 25422],
    compared: [24233, 1150],
    only: [39, 5],
    uses: { 'D15 null volume or cap in 1D EMAs': 871, 'D3 null row in multi_tf EMAs': 323 },
  },
  cmc_ema_multi_tf_cal_us: { rows: [20823, 20823], compared: [20823, 0], only: [0, 0], uses: {} },
  cmc_ema_multi_tf_cal_iso: { rows: [20771, 20771], compared: [20771, 0], only: [0, 0], uses: {} },
  cmc_ema_multi_tf_cal_anchor_us: { rows: [21937, 21937], compared: [21937, 0], only: [0, 0], uses: {} },
  cmc_ema_multi_tf_cal_anchor_iso: { rows: [21884, 21884], compared: [21884, 0], only: [0, 0], uses: {} },
  cmc_ema_multi_tf_v2: {
    rows: [21650, 25675],
    compared: [18915, 2735],
    only: [4025, 0],
    uses: { 'D10 gate of v2': 4003, 'D15 null volume or cap in v2': 2621, 'D16 numbers of daily rows in v2': 136 },
  },
  cmc_price_bars_1d_rejects: { rows: [1, 2], compared: [1, 0], only: [1, 0], uses: { 'R17 first row rejected': 1 } },
  cmc_price_bars_1d_state: { rows: [7, 7], compared: [5, 2], only: [0, 0], uses: { 'D15 counts': 1, 'R17 counts': 1 } },
  cmc_price_bars_multi_tf_state: {
    rows: [42, 36],
    compared: [36, 0],
    only: [0, 6],
    uses: { 'D2 state of a refused asset': 6 },
  },
  cmc_price_bars_multi_tf_cal_iso_state: {
    rows: [198, 198],
    compared: [198, 0],
    only: [0, 0],
    uses: { 'D1 zone in the state': 198 },
  },
  cmc_price_bars_multi_tf_cal_us_state: {
    rows: [198, 198],
    compared: [198, 0],
    only: [0, 0],
    uses: { 'D1 zone in the state': 198 },
  },
  cmc_price_bars_multi_tf_cal_anchor_iso_state: {
    rows: [78, 78],
    compared: [77, 1],
    only: [0, 0],
    uses: { 'D1 zone in the state': 78, 'D6 last bar_seq in the state': 1 },
  },
  cmc_price_bars_multi_tf_cal_anchor_us_state: {
    rows: [78, 78],
    compared: [77, 1],
    only: [0, 0],
    uses: { 'D1 zone in the state': 78, 'D6 last bar_seq in the state': 1 },
  },
  ema_alpha_lookup: { rows: [632, 632], compared: [1, 631], only: [0, 0], uses: { 'D2 power form of alpha': 631 } },
};

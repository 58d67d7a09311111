export { arrowTable, columnsOf, joinColumns, tidyRows, type Columns, type TidyRow } from './columns.ts';
export { NotebookError, type NotebookErrorCode } from './errors.ts';
export { linePlot, type PlotLine } from './line-plot.ts';
export {
  openStore,
  type BarsRequest,
  type Emas,
  type EmasRequest,
  type Family,
  type SeriesRequest,
  type Store,
} from './open-store.ts';

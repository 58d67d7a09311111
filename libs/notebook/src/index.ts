export { arrowTable, columnsOf, joinColumns, tidyRows, type Columns, type TidyRow } from './columns.ts';
export { linePlot, type PlotLine } from './line-plot.ts';
export { openStore, type Store } from './open-store.ts';

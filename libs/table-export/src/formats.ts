/** The formats of a file. The command reads them here, without the libraries that write them. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'arrow'] as const;

/** The format of a file. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

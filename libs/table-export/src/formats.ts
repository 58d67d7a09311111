/** The file formats. They are listed here so that the command can name them without loading the libraries that write them. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'arrow'] as const;

/** The format of a file. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

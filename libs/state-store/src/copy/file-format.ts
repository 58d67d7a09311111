// Binary COPY, PostgreSQL manual, COPY › File Formats › Binary Format.

/** `PGCOPY\n\377\r\n\0`, flags 0, header extension length 0. */
export const COPY_HEADER: Readonly<Uint8Array> = Uint8Array.of(
  ...[0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00],
  ...[0, 0, 0, 0, 0, 0, 0, 0],
);

/** The first eleven bytes of a binary COPY file. */
export const COPY_SIGNATURE_BYTES = 11;

/** Field count −1. */
export const COPY_TRAILER: Readonly<Uint8Array> = Uint8Array.of(0xff, 0xff);

/** 2000-01-01T00:00:00Z, zero of timestamps on the wire, in epoch ms. */
export const WIRE_EPOCH_MS = 946_684_800_000;

/** 2000-01-01, zero of dates on the wire, in days since 1970-01-01. */
export const WIRE_EPOCH_DAYS = 10_957;

/** 2^32: weight of the high half of a 64-bit integer. */
export const TWO_32 = 4_294_967_296;

/** Type OIDs of array elements. */
export const FLOAT8_OID = 701;
export const INT4_OID = 23;

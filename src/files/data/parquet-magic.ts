const magic = [0x50, 0x41, 0x52, 0x31];

/** Whether bytes begin as a Parquet file does. */
export const isParquet = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

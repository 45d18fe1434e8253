import { parquetHeader } from 'hyparquet/src/column.js';

/**
 * Checks the headers of a column's pages against what the file's metadata states, since a page is read into arrays of
 * the length that its header states.
 * @param content the pages of the column in one row group
 * @param values that they contain, empty ones included
 * @throws Error when a header contradicts
 */
export function checkPages(content: Uint8Array<ArrayBuffer>, values: number, mostBytes: number): void {
  const reader = { view: new DataView(content.buffer, content.byteOffset, content.byteLength), offset: 0 };
  if (!(values >= 0 && values <= mostBytes)) throw new Error(`column of ${values} values`);
  let seen = 0;
  let unpacked = 0;
  while (seen < values && reader.offset < content.length - 1) {
    const header = parquetHeader(reader);
    const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header;
    const size = header.compressed_page_size;
    if (!(size >= 0 && reader.offset + size <= content.length)) throw new Error(`page of ${size} bytes`);
    unpacked += header.uncompressed_page_size;
    if (!(header.uncompressed_page_size >= 0 && unpacked <= mostBytes)) throw new Error(`pages of ${unpacked} bytes`);
    const count = v1?.num_values ?? v2?.num_values ?? dictionary?.num_values ?? 0;
    if (!(count >= 0 && count <= Math.max(values, header.uncompressed_page_size))) {
      throw new Error(`page of ${count} values`);
    }
    if (v2 !== undefined && !(v2.num_nulls >= 0 && v2.num_nulls <= count && v2.num_rows <= count)) {
      throw new Error(`page of ${count} values, ${v2.num_nulls} of them empty`);
    }
    if (dictionary === undefined) seen += count;
    if (seen > values) throw new Error(`pages of ${seen} values, not ${values}`);
    reader.offset += size;
  }
}

import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { JobHandler } from '../bus/contract.ts';
import { type FileOptions, keepFile } from '../partners/keep-file.ts';

/** Attachments of records: fetched once by the bus, checked against the hash that came with them, kept with the ticket. */

/** Outbox kind. Payload: {ticketId, profile, url, sha256, purpose}; without a purpose it is the citizen's. */
export const LINKAGE_FILE_KIND = 'linkage.file';

const payloadShape = Compile(Type.Object({ ticketId: Type.String(), profile: Type.String(), url: Type.String(), sha256: Type.Union([Type.String(), Type.Null()]), purpose: Type.Optional(Type.Union([Type.Literal('citizen'), Type.Literal('evidence')])) }));

export function createFileHandler(options: FileOptions): JobHandler {
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'linkage.bad_payload' };
    const { ticketId, profile, url, sha256, purpose = 'citizen' } = row.payload;
    return keepFile(options, { ticketId, url, sha256, from: profile, purpose }, row, lease);
  };
}

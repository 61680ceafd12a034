import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { OutboxRow } from '../store/contract.ts';
import { type FileOptions, keepFile, type KeepOutcome } from './keep-file.ts';
import type { Lease } from './send-out.ts';

const payloadShape = Compile(Type.Object({ ticketId: Type.String(), partnerId: Type.String(), url: Type.String() }));

/** Files that a partner's report names (media_url). */
export function createMediaHandler(options: FileOptions): (row: OutboxRow, lease: Lease) => Promise<KeepOutcome> {
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'media.bad_payload' };
    const { ticketId, partnerId, url } = row.payload;
    return keepFile(options, { ticketId, url, sha256: null, from: partnerId, purpose: 'citizen' }, row, lease);
  };
}

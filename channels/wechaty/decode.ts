import { createHash } from 'node:crypto';
import { cleanText } from '../../src/channel/degrade.ts';
import { asAddress, asExternalId, type ActivityContent, type Address, type Attachment, type InboundActivity } from '../../src/domain/activity.ts';
import type { Carried, Heard } from './talk.ts';

/** A message of Wechaty → what the house takes. Pure. */

export const CHANNEL = 'wechaty';

/** WeChat tells whole seconds, and its clock is not ours, ms. */
const TOLERANCE_MS = 5_000;

/** Null: it is for us. Else why it is left alone. Asked in the thread, before a file is fetched. */
export function leftAlone(heard: Heard, since: number): 'own' | 'replay' | 'room' | null {
  if (heard.self) return 'own';
  if (heard.at < since - TOLERANCE_MS) return 'replay';
  return heard.roomId !== null && !heard.mentioned ? 'room' : null;
}

/** The contact, whether it wrote to us alone or in a room: answers go to the person. */
export function addressOf(heard: Pick<Heard, 'talkerId'>): Address {
  return asAddress(heard.talkerId);
}


/** @param saved the file in our media store; null: there is none, or it was refused */
export function decode(heard: Heard, carried: Carried, saved: Attachment | null): InboundActivity {
  const content = readContent(heard, carried, saved);
  const name = cleanText(heard.talkerName).trim().slice(0, 100);
  return {
    channel: CHANNEL,
    address: addressOf(heard),
    externalId: asExternalId(createHash('sha256').update(JSON.stringify([heard.talkerId, heard.id])).digest('base64url')),
    modality: 'text',
    content,
    identity: { externalUserId: heard.talkerId, ...(name === '' ? {} : { displayName: name }) },
    ...(content.type === 'unsupported' ? { raw: JSON.stringify(heard) } : {}),
  };
}

function readContent({ type, text }: Heard, { link, card, place }: Carried, saved: Attachment | null): ActivityContent {
  const said = cleanText(text).trim();
  if (saved !== null) return { type: 'message', text: '', attachments: [saved] };
  if (type === 'Text' && said !== '') return { type: 'message', text: said };
  if (link !== undefined) return { type: 'message', text: cleanText(`${link.title}\n${link.url}`).trim() };
  if (card !== undefined && card.trim() !== '') return { type: 'message', text: cleanText(card).trim() };
  if (place !== undefined) return readPlace(place);
  return { type: 'unsupported', kind: cleanText(type).slice(0, 40) || 'Unknown' };
}

/** Where something is, in words that the house looks for places in; the point itself beside them (WeChat's datum is GCJ-02). */
function readPlace({ name, address, latitude, longitude }: NonNullable<Carried['place']>): ActivityContent {
  const words = [address, name].map((part) => cleanText(part).trim()).filter((part) => part !== '');
  return { type: 'message', text: [...new Set(words)].join(' '), value: { kind: 'location', latitude, longitude, datum: 'GCJ-02' } };
}

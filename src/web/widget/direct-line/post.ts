import type { Ports } from '../../shared/ports.ts';
import { call } from './http.ts';
import type { Pending } from './outbox.ts';
import type { Session } from './session-keeper.ts';
import { isIdAnswer, tokenUser } from './wire.ts';

const rootOf = (endpoint: string, session: Session): string => `${endpoint}/v3/directline/conversations/${encodeURIComponent(session.conversationId)}`;

/** Posts one message, as JSON or (with a file) as multipart; answers the server's id, '' if it gave none. Throws CallError. */
export async function postDraft(ports: Ports, endpoint: string, session: Session, pending: Pending, locale: string): Promise<string> {
  const { draft } = pending;
  const user = tokenUser(session.token) ?? '';
  const root = rootOf(endpoint, session);
  const activity = {
    ...(draft.event === undefined ? { type: 'message' } : { type: 'event', name: draft.event }),
    from: { id: user, role: 'user' },
    locale,
    localTimestamp: new Date(pending.at).toISOString(),
    ...(draft.text === '' ? {} : { text: draft.text, textFormat: 'plain' }),
    ...(draft.value === undefined ? {} : { value: draft.value }),
    channelData: { clientActivityID: pending.clientId, ...(draft.postBack === true ? { postBack: true } : {}) },
  };
  if (draft.file === undefined) return idOf(await call(ports, { method: 'POST', url: `${root}/activities`, token: session.token, body: activity }));
  const form = new FormData();
  const described = { ...activity, attachments: [{ contentType: draft.file.type, name: draft.file.name }] };
  form.append('activity', new Blob([JSON.stringify(described)], { type: 'application/vnd.microsoft.activity' }), 'blob');
  form.append('file', draft.file, draft.file.name);
  return idOf(await call(ports, { method: 'POST', url: `${root}/upload?userId=${encodeURIComponent(user)}`, token: session.token, body: form }));
}

export async function postTyping(ports: Ports, endpoint: string, session: Session): Promise<void> {
  await call(ports, { method: 'POST', url: `${rootOf(endpoint, session)}/activities`, token: session.token, body: { type: 'typing', from: { id: tokenUser(session.token) ?? '', role: 'user' } } });
}

function idOf(answer: unknown): string {
  return isIdAnswer(answer) ? answer.id : '';
}

import Client from 'better-sqlite3';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import type { Repositories, Store } from '../../src/store/contract.ts';
import { aCitizen, aKnowledgeEntry, aMessage, anActivityDraft, aNewConversation, anOutboxDraft, aSeat, aTicket } from '../factories/index.ts';
import { NOW } from '../contracts/store/support.ts';
import { TABLES } from '../contracts/store.contract.ts';

/** Text that escapes, encodings and separators trip over: CJK extension B, emoji, backslashes, quotes, line ends, NUL, braces of arrays. */
export const AWKWARD = '𠮷野家😀👩‍👩‍👧 \\ \\\\ \\n "\' {a,"b"} NULL \\N \r\n\t\u2028 \u0000 \ud800 $1 中文';

const AT_ONCE = 500;

/** At least one row in every table, and `activities` of them in one conversation. */
export async function fill(store: Store, activities: number): Promise<void> {
  await store.write(async (repos) => {
    const citizenId = await repos.citizens.resolve(aCitizen({ id: 'c1', externalUserId: AWKWARD, phone: '13800138000', displayName: AWKWARD }));
    await repos.conversations.create(aNewConversation({ id: 'v1', address: asAddress(AWKWARD), citizenId }));
    await repos.conversations.saveState('v1', { said: AWKWARD });
    await repos.tickets.nextSequence('20261122');
    await repos.tickets.insert(aTicket({ id: 't1', citizenId, title: AWKWARD, content: AWKWARD, confidential: true }), '8000');
    await repos.tickets.appendEvent({ ticketId: 't1', type: 'ticket.opened', actor: { kind: 'system' }, at: NOW, data: { note: AWKWARD } });
    await fillTickets(repos);
    await repos.seats.create(aSeat({ id: 's1', displayName: AWKWARD, active: false }), 'hash');
    await repos.services.begin({ id: 'sp1', conversationId: 'v1', channel: 'webchat', groupId: AWKWARD, enterprise: true, emergency: false, askedAt: NOW, offeredAt: null, seatId: null, acceptedAt: null, firstReplyAt: null, endedAt: null, outcome: 'open' });
    await repos.queue.put({ conversationId: 'v1', kind: 'waiting', groupId: AWKWARD, waitedFrom: NOW, groupSince: NOW, rankAt: NOW - 1, wantedSeatId: null, offeredTo: 's1', offeredUntil: NOW, refusals: [{ seatId: AWKWARD, at: NOW }], leaving: false, toldPosition: 0, toldAt: NOW });
    await repos.seatWork.setState({ seatId: 's1', state: 'break', reason: AWKWARD, since: NOW, until: null });
    await repos.seatWork.setSkills({ seatId: 's1', groups: [AWKWARD, ''], capacity: 2, updatedAt: NOW });
    await repos.participants.put({ conversationId: 'v1', seatId: 's1', kind: 'guest', since: NOW });
    await repos.transfers.add({ id: 'tr1', conversationId: 'v1', fromSeatId: 's1', toKind: 'group', toId: AWKWARD, note: AWKWARD, at: NOW });
    await repos.sessions.create({ tokenHash: 'h', seatId: 's1', csrf: 'c', kind: 'cookie', createdAt: NOW, expiresAt: Number.MAX_SAFE_INTEGER });
    for (const purpose of [AWKWARD, null, '']) await repos.trail.append({ at: NOW, actor: 'seat:s1', action: 'identity.unmasked', subject: 'citizen:c1', purpose });
    await repos.knowledge.sync([aKnowledgeEntry({ id: 'k1' })], NOW);
    await repos.revisions.create({ id: 'kr1', entryId: 'k1', entry: aKnowledgeEntry({ id: 'k1', keywords: [AWKWARD] }), wish: 'publish', basedOn: 1, author: 's1', note: AWKWARD, now: NOW });
    await repos.knowledgeTasks.add({ id: 'kt1', key: AWKWARD, kind: 'wrong', entryId: 'k1', owner: null, text: AWKWARD, conversationId: null, createdBy: 's1', createdAt: NOW, dueOn: '2026-11-22' });
    await repos.knowledgeMemos.pin('s1', 'k1', NOW);
    const inspection = { id: 'qi1', key: AWKWARD, conversationId: 'c1', periodId: null, channel: 'webchat', modality: 'text', groupId: AWKWARD, seatId: 's1', fromSeq: 1, toSeq: 2, startedAt: NOW, endedAt: NOW, rulesVersion: '1-a', score: 80, automaticScore: 75, fatal: true, state: 'told', sampledFor: 'fatal', inspectorId: 's2', judgedAt: NOW, note: AWKWARD, appealBy: NOW, appeal: null, appealedAt: null, rejudgedBy: null, rejudgement: null, finalAt: null, createdAt: NOW, version: 2 } as const;
    await repos.quality.add(inspection, [{ inspectionId: 'qi1', number: 1, rule: 'curt', seatId: null, severity: 'major', points: 15, seq: 2, start: 0, end: 3, sentence: AWKWARD, why: AWKWARD, verdict: 'confirmed', at: NOW }]);
    await repos.reach.begin({ id: 'o1', kind: 'notification', channel: 'sms-aliyun', script: 'progress', citizenId: 'c1', ticketId: 't1', noticeIds: [AWKWARD], targetId: null, number: 1, state: 'failed', code: AWKWARD, externalId: AWKWARD, costFen: 5, createdAt: NOW, sentAt: NOW, endedAt: NOW, seconds: null });
    await repos.consents.put({ citizenId: 'c1', channel: 'all', template: AWKWARD, state: 'refused', left: 0, at: NOW });
    await repos.consents.isNew('sms-aliyun', AWKWARD, NOW);
    await repos.linkage.addLink({ id: 'll1', profile: 'renminwang', ticketId: 't1', externalNo: AWKWARD, direction: 'in', mode: 'phone', threeParty: true, emergency: false, incidentNo: AWKWARD, state: 'refused', reason: AWKWARD, sentVersion: 1, receivedVersion: 0, owes: null, dueAt: null, overdueAt: NOW, createdBy: 'system', createdAt: NOW, updatedAt: NOW });
    await repos.linkage.addMessage({ id: 'lm1', linkId: 'll1', profile: 'renminwang', direction: 'out', number: AWKWARD, version: 1, kind: 'refusal', state: 'dead', code: AWKWARD, text: AWKWARD, digest: 'd', repeats: 2, early: false, attempts: 3, outboxId: null, createdAt: NOW, sentAt: NOW, endedAt: null, ackBy: null }, AWKWARD);
    await repos.linkage.addCall({ id: 'lc1', linkId: 'll1', profile: 'renminwang', ticketId: 't1', conversationId: 'c1', channel: 'phone', address: AWKWARD, seatId: 's1', state: 'over', citizen: { state: 'left', code: AWKWARD, key: null, externalId: AWKWARD, at: NOW, joinedAt: NOW, leftAt: NOW, seconds: 3 }, seat: null, service: null, createdBy: 'system', createdAt: NOW, endedAt: NOW });
    await repos.linkage.putSeatPhone('s1', '13800138000', NOW);
    await repos.linkage.putList({ profile: 'renminwang', day: '2026-11-22', list: [AWKWARD], at: NOW });
    await repos.campaigns.insert({ id: 'cp1', name: AWKWARD, purpose: 'visit', flow: 'outbound-visit', channel: 'ivr-twilio', words: AWKWARD, query: AWKWARD, state: 'running', concurrency: 2, attempts: 3, retryAfterMinutes: 60, hours: [AWKWARD], workdaysOnly: true, createdBy: 's1', createdAt: NOW, startedAt: NOW, endedAt: null });
    await repos.campaigns.addTargets([{ id: 'cpt1', campaignId: 'cp1', citizenId: 'c1', ticketId: 't1', state: 'reached', code: AWKWARD, attempts: 1, nextAt: null, keys: { process: '1' }, result: { outcome: AWKWARD }, endedAt: NOW }]);
    await repos.quality.keepRules('1-a', { name: AWKWARD }, NOW);
    await repos.reports.ask({ id: 'rp1', kind: 'month', period: '2026-10', scopeKind: 'item', scopeId: AWKWARD, title: AWKWARD, madeBy: 'seat:s1', roles: ['editor'], askedAt: NOW, onceKey: AWKWARD });
    await repos.canned.add({ id: 'ca1', ownerId: null, folder: AWKWARD, title: AWKWARD, shortcut: null, texts: { 'zh-CN': AWKWARD }, updatedBy: 's1', updatedAt: NOW });
    await repos.notes.insert({ id: 'cn1', conversationId: 'v1', seatId: 's1', kind: 'note', text: AWKWARD, mentions: ['s2'], toSeatId: null, at: NOW, afterSeq: 1 });
    await repos.drafts.put('s1', 'v1', AWKWARD, NOW);
    await repos.gaps.putCluster({ id: 'gc1', state: 'open', title: AWKWARD, samples: [AWKWARD, ''], count: 2, unhelpful: 0, bestId: null, bestScore: 0.1 + 0.2, firstAt: NOW, lastAt: NOW, entryId: null, closedBy: null });
    await repos.gaps.add({ id: 'g1', conversationId: 'v1', kind: 'unanswered', question: AWKWARD, bestId: null, bestScore: 0.1 + 0.2, at: NOW });
    await repos.gaps.add({ id: 'g2', conversationId: 'v1', kind: 'unhelpful', question: '', bestId: 'k1', bestScore: 1, at: NOW });
    await repos.channelState.put('webchat', AWKWARD, AWKWARD, null);
    for (let index = 0; index < 6; index += 1) {
      await repos.media.save({ token: `m${index}`, contentType: 'image/png', name: index === 0 ? null : AWKWARD, bytes: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), createdAt: NOW, expiresAt: null });
    }
    await repos.lanes.acquire('lane', 'holder', NOW, 1000);
    await repos.outbox.add([anOutboxDraft({ id: 'r1', lane: AWKWARD, payload: { [AWKWARD]: AWKWARD }, blocking: false }), anOutboxDraft({ id: 'gone' })]);
    await repos.outbox.complete('gone');
  });
  for (let start = 0; start < activities; start += AT_ONCE) {
    const drafts = Array.from({ length: Math.min(AT_ONCE, activities - start) }, (_, index) => {
      const number = start + index;
      return anActivityDraft({ id: `a${number}`, externalId: asExternalId(`e${number}`), content: aMessage({ text: `${number} ${AWKWARD}` }), channelData: number % 2 === 0 ? null : { number }, sealed: number % 10 === 0 ? AWKWARD : null });
    });
    await store.write((repos) => repos.activities.append('v1', drafts));
  }
  await store.write(async (repos) => {
    await repos.activities.addReceipt({ activityId: 'a0', conversationId: 'v1', status: 'delivered', code: null, at: NOW });
    await repos.replies.collect({ channel: 'webchat', externalId: asExternalId('e0'), conversationId: 'v1', now: NOW });
  });
}

/** What hangs on the ticket `t1`. */
async function fillTickets(repos: Repositories): Promise<void> {
  await repos.tickets.insert(aTicket({ id: 't2', citizenId: 'c1', departmentId: 'ecology', assistIds: [AWKWARD], holds: [{ from: NOW, to: null }], visit: { process: 3, solved: false } }), null, { openingKey: AWKWARD });
  await repos.clocks.put([{ ticketId: 't1', stage: 'handle', run: 1, rule: { amount: 5, unit: 'workdays' }, startedAt: NOW, dueAt: NOW + 1, endedAt: null, warned: 1, overdueAt: null, rung: 0, nextAt: NOW + 1 }]);
  await repos.requests.insert({ id: 'q1', ticketId: 't1', kind: 'extension', departmentId: 'ecology', itemCode: null, reasonCode: 'complex', reason: AWKWARD, evidence: [AWKWARD], amount: 3, until: null, askedBy: 'seat:s1', askedAt: NOW, judgeBy: null, state: 'asked', judgedBy: null, judgedAt: null, verdict: null });
  await repos.ticketFiles.insert({ id: 'f1', ticketId: 't1', media: 'm1', name: AWKWARD, contentType: 'image/png', purpose: 'evidence', addedBy: 'citizen', at: NOW });
  await repos.supervisions.insert({ id: 'u1', ticketId: 't1', level: 2, cause: 'overdue', departmentId: null, person: AWKWARD, words: AWKWARD, dueAt: null, createdBy: 'system', createdAt: NOW, endedAt: null, outcome: null });
  await repos.ticketVisits.put({ ticketId: 't1', attempt: 1, channel: 'webchat', askedAt: NOW, answeredAt: null, process: null, solved: null, outcome: 'asked' });
  await repos.ticketNotices.insert({ id: 'n1', ticketId: 't1', seq: 1, citizenId: 'c1', channels: ['webchat'], state: 'waiting', createdAt: NOW, sentAt: null });
  await repos.catalogues.add({ kind: 'dispatch', body: { routes: [AWKWARD] }, note: AWKWARD, author: 's1', createdAt: NOW });
  await repos.itemCorrections.insert({ id: 'i1', ticketId: 't1', text: AWKWARD, suggested: null, chosen: 'env.noise', by: 's1', at: NOW });
  await repos.alikeProposals.propose({ ticketId: 't1', leadingId: 't2', score: 0.1 + 0.2, why: ['text'], at: NOW });
  await repos.storms.put({ id: 'w1', itemCode: null, title: AWKWARD, townIds: ['dongcheng'], leadingId: 't1', count: 2, firstAt: NOW, lastAt: NOW, state: 'open', answer: null });
  await repos.storms.addTicket('w1', 't1', NOW);
  await repos.apiTokens.insert({ id: 'k1', kind: 'department', ownerId: 'ecology', name: AWKWARD, createdBy: 's1', createdAt: NOW, expiresAt: null, revokedAt: null }, 'token hash');
  await repos.partners.put({ id: 'p1', name: AWKWARD, webhookUrl: null, events: ['ticket.signed'], scope: 'own', active: true, createdAt: NOW }, AWKWARD);
  await repos.externalNumbers.insert({ partnerId: 'p1', number: AWKWARD, ticketId: 't1', at: NOW });
  await repos.rollups.add([{ hour: NOW, measure: 'ticket.opened', by: 'item', key: AWKWARD, amount: 1, sum: 5 }]);
  await repos.rollups.moveCursor('tickets', '5');
  await repos.rollups.mark('services', [{ id: 'sp1', counted: { channel: AWKWARD }, at: NOW }]);
  await repos.webhookDeliveries.insert({ id: 'd1', partnerId: 'p1', ticketId: 't1', seq: 1, state: 'dead', attempts: 3, lastResult: '500', createdAt: NOW, deliveredAt: null });
  await repos.enterprises.put({ id: 'e1', name: AWKWARD, creditCode: '91350100M000100Y43', townId: null, seatId: null, active: true, createdAt: NOW, updatedAt: NOW }, ['13800138000']);
}

/** Every row of every table of a SQLite file, as text, in an order of its own. */
export function everything(file: string): Readonly<Record<string, readonly string[]>> {
  const client = new Client(file, { readonly: true });
  const all = Object.fromEntries(TABLES.map((table) => [table, client.prepare(`select * from ${table}`).all().map((row) => JSON.stringify(row)).toSorted()]));
  client.close();
  return all;
}

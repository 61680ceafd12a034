import { HUNG_UP } from './call-parties.ts';
import type { EpochMs } from '../domain/activity.ts';
import type { LinkageCall, LinkageCallParty, LinkageCallPartyState } from '../store/contract.ts';

/** A three-party call in words, for the ticket's timeline. No number is in any. */

const STATES: Readonly<Record<LinkageCallPartyState, string>> = {
  waiting: '等待呼叫', calling: '呼叫中', ringing: '振铃', answered: '已摘机', in: '已接入', left: '已离开', busy: '忙', 'no-answer': '无人接听', canceled: '的呼叫已取消', failed: '呼叫失败', unknown: '结果不明，须由坐席核实后再拨',
};

export const partyName = (party: 'citizen' | 'seat' | 'service', service: string): string => ({ citizen: '市民', seat: '坐席', service })[party];

export function stayWords(seconds: number): string {
  return seconds < 60 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`;
}

/** Said of a party as it changes; null: not worth a line. */
export function stepWords(name: string, before: LinkageCallParty | null, after: LinkageCallParty): string | null {
  if (after.code === HUNG_UP) return before?.code === HUNG_UP ? null : `三方通话：${name}已挂断`;
  if (before?.state === after.state) return null;
  if (after.ending !== undefined && (after.state === 'canceled' || after.state === 'left')) return endWords(name, after.state === 'left' ? 'hangup' : 'cancel');
  if (after.state === 'waiting' || after.state === 'calling' || after.state === 'ringing' || after.state === 'answered') return null;
  return `三方通话：${name}${STATES[after.state]}${after.state === 'failed' && after.code !== null ? `（${after.code}）` : ''}`;
}

/** Nobody is there for it any more. */
export const endWords = (name: string, ending: 'cancel' | 'hangup'): string => `三方通话：市民已挂断，${ending === 'cancel' ? `取消呼叫${name}` : `结束与${name}的通话`}`;

/** The result: who was there, and how long; the citizen still is, and is about to be taken back. */
export function resultWords(call: Pick<LinkageCall, 'citizen' | 'seat' | 'service'>, service: string, now: EpochMs): string {
  const stay = ({ state, joinedAt, seconds }: LinkageCallParty): number => seconds + (state === 'in' && joinedAt !== null ? Math.max(0, Math.round((now - joinedAt) / 1000)) : 0);
  const one = (name: string, party: LinkageCallParty | null): string[] => (party === null ? [] : [`${name}${party.joinedAt !== null ? `通话 ${stayWords(stay(party))}` : party.code === HUNG_UP ? '已挂断' : STATES[party.state]}`]);
  return `三方通话结束：${[...one(service, call.service), ...one('坐席', call.seat), ...one('市民', call.citizen)].join('，')}`;
}

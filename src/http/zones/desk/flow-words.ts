import { actionText } from '../../../dialog/outline.ts';
import type { ActionEffect, DialogEffect } from '../../../dialog/types.ts';
import type { JsonObject } from '../../../domain/json.ts';

/** What a tried flow would have done, in words, and what an action answers while nothing is done. */

const GAPS: Readonly<Record<string, string>> = { unanswered: '没有答案', low: '把握不大', unhelpful: '答案没有帮助' };

/** Null: it is said to the citizen, and shown as such. */
export function effectText(effect: DialogEffect): string | null {
  switch (effect.kind) {
    case 'say':
      return null;
    case 'action':
      return `会执行动作：${actionText(effect.action)}（试跑没有执行）`;
    case 'timer':
      return `${Math.round(effect.afterMs / 60_000)} 分钟没有消息会提醒`;
    case 'handoff':
      return `会转人工：${effect.reason}`;
    case 'handoffCancelled':
      return '不再等待人工';
    case 'emergency':
      return `会标为紧急：${effect.category}（${effect.words.join('、')}）`;
    case 'understood':
      return `坐席会看到：${[effect.understood.flow === null ? '' : `流程 ${effect.understood.flow}`, ...effect.understood.slots.map(({ label, value }) => `${label} ${value}`), ...effect.understood.items.slice(0, 1).map(({ name, score }) => `建议事项 ${name}（${Math.round(score * 100)}%）`)].filter((part) => part !== '').join('；') || '还没有理解到什么'}`;
    case 'identity':
      return `会把${[effect.phone === undefined ? '' : '电话', effect.name === undefined ? '' : '姓名'].filter((part) => part !== '').join('和')}存进身份库`;
    case 'locale':
      return `改用${{ 'zh-CN': '中文', 'zh-HK': '粤语', en: '英文' }[effect.locale]}`;
    case 'gap':
      return `会记入知识缺口：${GAPS[effect.why] ?? effect.why}`;
    case 'end':
      return '会话会结束';
  }
}

/** A ticket that is none: of a day long ago, and marked wherever it is read. */
const NUMBER = '20200101000001';
const dryTicket = (given: JsonObject = {}): JsonObject => ({
  number: NUMBER, numberText: '20200101 0000 01', numberSpoken: '2 0 2 0 0 1 0 1，0 0 0 0，0 1', state: '办理中', stateText: '试跑：承办单位正在办理', kind: '投诉', title: '试跑工单', department: '试跑承办单位',
  deadlineText: '试跑：按规定期限办结', openedText: '2020年1月1日 09:00', lastEventText: '2020年1月1日 10:00', urges: 1, resultText: '', progressText: '试跑：承办单位已经签收，正在办理。', progressVoice: '试跑，承办单位已经签收，正在办理。',
  open: true, merged: false, canUrge: true, canWithdraw: true, canReopen: false, canRate: false, ...given,
});

/** What each action answers: as if there were such a ticket, or as if there were none. */
export function dryResult(effect: ActionEffect, found: boolean): { readonly ok: boolean; readonly data: JsonObject; readonly text: string } {
  const none = (code: string, text: string) => ({ ok: false, data: { code }, text: `假定：${text}` });
  const some = (data: JsonObject, text: string) => ({ ok: true, data, text: `假定：${text}` });
  switch (effect.action) {
    case 'ticket.open':
      return some(dryTicket(), '登记成功，工单号是假的');
    case 'ticket.mine':
      return found ? some({ count: 1, only: NUMBER, tickets: [dryTicket()] }, '市民名下有一张工单') : some({ count: 0, tickets: [] }, '市民名下没有工单');
    case 'ticket.visit':
      return found ? some(dryTicket({ state: '回访', stateText: '试跑：等待您评价', canRate: true }), '有一张等待回访的工单') : none('visit.none', '没有等待回访的工单');
    case 'call.about':
      return found ? some(dryTicket({ state: '回访', purpose: 'visit', words: '试跑：通知内容', times: 1 }), '这是一次外呼，有一张工单') : none('call.none', '这不是外呼，或没有别的工单');
    case 'call.note':
    case 'call.stop':
      return some({}, '已经记下');
    case 'call.answer':
      return found ? some(dryTicket(), '回访结果已经记下') : none('call.none', '这不是外呼');
    case 'ticket.supplement':
      return found ? some(dryTicket({ files: 0 }), '工单号和电话对上了，已经补充') : none('ticket.not_found', '没有这张工单');
    case 'ticket.urge':
      return found ? some(dryTicket({ counted: true }), '工单号和电话对上了，已经催办') : none('ticket.not_found', '没有这张工单');
    case 'ticket.find':
    case 'ticket.withdraw':
    case 'ticket.reopen':
    case 'ticket.rate':
      return found ? some(dryTicket(), '工单号和电话对上了') : none('ticket.not_found', '没有这张工单');
  }
}

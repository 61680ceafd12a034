import type { AssistDetail, AssistDraft, AssistHint, AssistItem, AssistLike, AssistQuestion, AssistSlot, AssistView, EvidenceView } from '../../shared/assist-types.ts';
import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { Calls } from './knowledge.ts';

/** Agent assist, as the desk's API answers (src/http/zones/desk/assist.ts). */

const text = nullable(isString);
const isEvidence: Guard<EvidenceView> = object({ seq: isNumber, start: isNumber, end: isNumber, text: isString });
const isHint: Guard<AssistHint> = object({
  id: isString, question: isString, module: oneOf('duties', 'desk', 'faq', 'terms', 'guides'), answer: isString, voice: isString, audience: oneOf('public', 'desk'), department: text, source: isString, sourceUrl: text,
  score: isNumber, matched: arrayOf(isString), why: isString, fresh: object({ state: oneOf('valid', 'due', 'expired', 'coming', 'ending'), text: isString }),
});
const isItem: Guard<AssistItem> = object({ code: isString, name: isString, field: isString, score: isNumber, sure: isBoolean, matched: arrayOf(isString) });
const isDispatch = object({
  items: arrayOf(isItem), department: nullable(object({ id: isString, name: isString })), assistants: arrayOf(isString), routeId: text, why: isString, because: arrayOf(isString),
  deadline: nullable(object({ dueAt: isNumber, rule: isString, text: isString, lines: arrayOf(isString) })),
});
const isSlot: Guard<AssistSlot> = object({
  name: oneOf('kind', 'itemCode', 'title', 'content', 'townId', 'place', 'happened', 'name', 'urgency', 'callback', 'confidential'),
  label: isString, value: isString, shown: isString, confidence: isNumber, from: arrayOf(isEvidence), note: text,
});
const isDetail: Guard<AssistDetail> = object({ id: isString, label: isString, value: isString, from: arrayOf(isEvidence) });
const isQuestion: Guard<AssistQuestion> = object({ id: isString, ask: isString, voice: isString, why: isString });
const isMood = object({ level: oneOf('calm', 'upset', 'angry', 'distress'), urgency: oneOf('normal', 'urgent', 'emergency'), why: isString, signs: arrayOf(object({ id: isString, label: isString, seq: isNumber, start: isNumber, end: isNumber, text: isString })) });
const isLike: Guard<AssistLike> = object({
  ticket: object({ id: isString, number: isString, title: isString, state: isString, townName: text, place: text, departmentName: text, createdAt: isNumber }),
  score: isNumber, why: arrayOf(isString), words: isString,
});
const isSummary = arrayOf(object({ label: isString, text: isString, seqs: arrayOf(isNumber) }));
const isAnswer = object({
  conversationId: isString, version: isNumber, lastSeq: isNumber, drafts: isBoolean,
  knowledge: object({ asked: nullable(isEvidence), topic: text, hints: arrayOf(isUnknown) }),
  dispatch: isDispatch,
  form: object({ slots: arrayOf(isUnknown), details: arrayOf(isUnknown) }),
  questions: arrayOf(isUnknown),
  mood: isMood,
  alike: object({ likes: arrayOf(isUnknown), complete: isBoolean, own: arrayOf(object({ id: isString, number: isString })) }),
  summary: isSummary,
});
const isDraftAnswer: Guard<AssistDraft> = object({ by: oneOf('model', 'extract'), lines: arrayOf(object({ label: isString, text: isString })), note: text, model: text });

export function createAssistApi({ read }: Pick<Calls, 'read'>) {
  const id = encodeURIComponent;
  return {
    async of(conversationId: string): Promise<AssistView> {
      const answer = await read(isAnswer, 'GET', `/api/conversations/${id(conversationId)}/assist`);
      return {
        ...answer,
        knowledge: { ...answer.knowledge, hints: keepValid(answer.knowledge.hints, isHint) },
        form: { slots: keepValid(answer.form.slots, isSlot), details: keepValid(answer.form.details, isDetail) },
        questions: keepValid(answer.questions, isQuestion),
        alike: { ...answer.alike, likes: keepValid(answer.alike.likes, isLike) },
      };
    },
    draft: (conversationId: string): Promise<AssistDraft> => read(isDraftAnswer, 'POST', `/api/conversations/${id(conversationId)}/assist/draft`, {}),
  };
}

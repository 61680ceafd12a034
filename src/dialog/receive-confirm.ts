import { cleanText, fillSlots } from './fill.ts';
import { inList, type Message } from './listen.ts';
import { hasWord } from './word-index.ts';
import { type Flow, type Step, type Verb } from './program.ts';
import { assign, digress, fail, joinContent } from './request.ts';
import { leave, run } from './run.ts';
import { isCorrection, readYesNo } from './slots/index.ts';
import type { Frame } from './state.ts';
import { sayCommon, type Turn } from './turn.ts';

/** After a read-back: yes, no, a correction with or without the new value, or one more thing. */
export function receiveConfirmation(turn: Turn, frame: Frame, flow: Flow, step: Step, verb: Extract<Verb, { kind: 'confirm' }>, message: Message): void {
  const context = turn.context;
  const keyed = message.keys === '1' ? true : message.keys === '2' ? false : null;
  const filled = fillSlots(flow, message, context, null, false);
  const text = flow.slots.get('content');
  const current = frame.slots['content'];
  // 加一句，他们晚上才卖: one more sentence of the matter, not another time of it.
  if (keyed === null && !filled.correction && text?.type === 'text' && typeof current === 'string' && addsMore(message)) {
    if (digress(turn, message)) return;
    const { phone, name, ...others } = filled.values;
    assign(turn, frame, others, false);
    const more = cleanText(message.text, context);
    assign(turn, frame, { phone: phone ?? null, name: name ?? null, content: more === '' ? current : joinContent(current, more) }, true);
    frame.fixing = false;
    return run(turn);
  }
  const corrects = filled.correction || frame.fixing || Object.keys(filled.values).length > 0;
  if (keyed === null && corrects) {
    const fields = verb.slots.filter((name) => flow.slots.get(name)?.names.some((word) => hasWord(message.lower, word)));
    const changed = assign(turn, frame, filled.values, true);
    if (changed.length > 0) {
      frame.fixing = false;
      frame.fails = 0;
      return run(turn);
    }
    const doubted = filled.doubted.length > 0 ? filled.doubted : frame.fixing ? fields : [];
    const target = doubted[0];
    if (target !== undefined) return reask(turn, frame, flow, target);
  }
  const yes = keyed ?? (inList(turn.program.dialog, 'yes', message) ? true : readYesNo(message.text, context));
  if (yes === true) {
    leave(turn, frame, verb.yes ?? step.next);
    return run(turn);
  }
  if (digress(turn, message)) return;
  if (yes === false || isCorrection(message.text, context)) {
    if (verb.no !== null) {
      leave(turn, frame, verb.no);
      return run(turn);
    }
    if (!frame.fixing) {
      frame.fixing = true;
      const choices = verb.slots.flatMap((name) => {
        const slot = flow.slots.get(name);
        return slot === undefined || frame.slots[name] === undefined ? [] : [{ title: slot.label[turn.core.locale], value: slot.label['zh-CN'] }];
      });
      return sayCommon(turn, 'whatIsWrong', { choices, hint: 'expectingInput' });
    }
  }
  if (frame.fixing) {
    const named = verb.slots.find((name) => flow.slots.get(name)?.label['zh-CN'] === message.text || flow.slots.get(name)?.label.en.toLowerCase() === message.lower);
    if (named !== undefined) return reask(turn, frame, flow, named);
  }
  fail(turn, frame, step, null);
}

const addsMore = (message: Message): boolean => /^(?:还有|另外|补充|而且|再加|加一句|再补充|顺便|对了)/.test(message.text) && message.tight.length >= 5;

/** Asks one slot anew: back to the step that asks for it, keeping everything else. */
function reask(turn: Turn, frame: Frame, flow: Flow, name: string): void {
  delete frame.slots[name];
  const asking = [...flow.steps.values()].find((step) => step.verb.kind === 'ask' && step.verb.slots.includes(name));
  if (asking === undefined) return run(turn);
  leave(turn, frame, asking.name);
  frame.entered = true;
  run(turn);
}

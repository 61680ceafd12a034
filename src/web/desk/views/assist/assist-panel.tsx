import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AssistSlot } from '../../../shared/assist-types.ts';
import { dateTime } from '../../../shared/format.ts';
import '../../styles/assist.css';
import { URGENCIES, stateLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { useAction } from '../../ui/use-action.ts';
import { INSERT_EVENT } from '../reply.tsx';
import { TicketForm } from '../ticket-form.tsx';
import { accept, acceptedOf, partOf, wholeOf } from './accepted.ts';
import { DispatchPart } from './dispatch-part.tsx';
import { FormPart } from './form-part.tsx';
import { KnowledgePart } from './knowledge-part.tsx';
import { EQUAL, moods, onListKey, Part, Words } from './parts.tsx';
import { SummaryPart } from './summary-part.tsx';
import { useAssist } from './use-assist.ts';
import { ASSIST_PANEL as w, detailLine } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Other panes may scroll to a message when they hear this; its detail is `{ conversationId, seq }`. */
export const SHOW_EVENT = 'yihu:show-message';

export interface AssistPanelProps {
  readonly conversationId: string;
  /** Takes an answer or a question for the reply; the reply box beside the panel unless told. */
  readonly onInsert?: (text: string) => void;
  /** Opens the ticket form, which knows what was accepted; the panel shows one of its own unless told. */
  readonly openTicket?: () => void;
  /** Shows a message of the transcript. */
  readonly onShow?: (seq: number) => void;
}

/**
 * Agent assist (坐席辅助) for one conversation: mood, knowledge, item and deadline, the form filled, what to ask, likenesses, summary.
 * Alt+D puts the first answer into the reply, Alt+Q the first question, Alt+F accepts the whole form. Nothing goes out by itself.
 */
export function AssistPanel({ conversationId, onInsert, openTicket, onShow }: AssistPanelProps): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const { view, fault, behind, reload } = useAssist(conversationId);
  const [formOpen, setFormOpen] = useState(false);
  const [said, setSaid] = useState('');
  const conversation = desk.state.value.conversations.get(conversationId) ?? null;
  const voice = conversation?.modality === 'voice';
  const taken = acceptedOf(seat.id, conversationId);

  const insert = (text: string): void => {
    if (onInsert === undefined) dispatchEvent(new CustomEvent(INSERT_EVENT, { detail: text }));
    else onInsert(text);
    setSaid(w.putIntoTheReply);
  };
  const show = (seq: number): void => {
    if (onShow === undefined) dispatchEvent(new CustomEvent(SHOW_EVENT, { detail: { conversationId, seq } }));
    else onShow(seq);
  };
  const open = (): void => {
    if (openTicket === undefined) setFormOpen(true);
    else openTicket();
  };
  const take = (slot: AssistSlot): void => {
    accept(seat.id, conversationId, partOf(slot));
    setSaid(w.accepted(slot.label));
  };
  const takeAll = (): void => {
    if (view === null || view.form.slots.length === 0) return;
    accept(seat.id, conversationId, wholeOf(view.form.slots, view.form.details));
    setSaid(w.allAcceptedPleaseCheck);
    open();
  };
  const takeDetail = (label: string, value: string): void => {
    const content = taken.content ?? view?.form.slots.find(({ name }) => name === 'content')?.value ?? '';
    if (!content.includes(value)) accept(seat.id, conversationId, { content: `${content}${detailLine(label, value)}` });
    setSaid(w.added(label));
  };

  const answer = view?.knowledge.hints.find(({ audience }) => audience === 'public');
  const question = view?.questions[0];
  useAction('assistAnswer', () => answer !== undefined && insert(voice ? answer.voice : answer.answer), answer !== undefined);
  useAction('assistQuestion', () => question !== undefined && insert(voice ? question.voice : question.ask), question !== undefined);
  useAction('assistForm', takeAll, (view?.form.slots.length ?? 0) > 0);
  useEffect(() => {
    setFormOpen(false);
    setSaid('');
  }, [conversationId]);

  if (view === null) {
    return (
      <section class="assist" aria-label={w.assist}>
        {fault === '' ? (
          <Empty>{w.readingTheConversation}</Empty>
        ) : (
          <p class="fault" role="alert">
            {fault}{' '}
            <button type="button" onClick={reload}>
              {common.tryAgain}
            </button>
          </p>
        )}
      </section>
    );
  }
  const { mood, questions, alike } = view;
  const own = alike.own.at(-1);
  return (
    <section class={behind ? 'assist behind' : 'assist'} aria-label={w.assist} aria-busy={behind}>
      {mood.level === 'calm' && mood.urgency === 'normal' ? null : (
        <div class={`mood ${mood.level} ${mood.urgency}`}>
          <p>
            <Chip tone={moods()[mood.level].tone}>{w.mood(moods()[mood.level].label)}</Chip> {mood.urgency === 'normal' ? null : <Chip tone={mood.urgency === 'emergency' ? 'bad' : 'warn'}>{URGENCIES[mood.urgency]}</Chip>}
          </p>
          <Words from={mood.signs.map((sign) => ({ seq: sign.seq, start: sign.start, end: sign.end, text: sign.text }))} show={show} />
          <small>{mood.why}</small>
        </div>
      )}
      {formOpen && conversation !== null ? <TicketForm conversation={conversation} close={() => setFormOpen(false)} /> : null}
      <KnowledgePart view={view} voice={voice} insert={insert} />
      <Part title={w.toAsk}>
        {questions.length === 0 ? <Empty>{w.nothingLeftToAsk}</Empty> : null}
        <ul class="assist-questions" onKeyDown={onListKey}>
          {questions.map((each, at) => (
            <li key={each.id}>
              <button type="button" class="main-act ask" title={at === 0 ? w.putIntoTheReplyBox : w.putIntoTheReplyBox2} onClick={() => insert(voice ? each.voice : each.ask)}>
                {voice ? each.voice : each.ask}
              </button>
              <small class="dim">{each.why}</small>
            </li>
          ))}
        </ul>
      </Part>
      {own === undefined ? null : (
        <p class="own-ticket" role="note">
          {w.thisConversationHasTicket}<a href={`#/tickets/${own.id}`}>{own.number}</a>{w.pleaseCheckItBefore}
        </p>
      )}
      <FormPart view={view} taken={taken} accept={take} acceptDetail={takeDetail} acceptAll={takeAll} show={show} />
      <DispatchPart
        view={view}
        takeItem={(code) => {
          accept(seat.id, conversationId, { itemCode: code });
          setSaid(w.itemAccepted);
        }}
      />
      <Part title={w.similarTickets}>
        {alike.likes.length === 0 ? <Empty>{alike.complete ? w.noSimilarOpenTickets : w.theIndexIsLoading}</Empty> : null}
        <ul class="likes">
          {alike.likes.map((like) => (
            <li key={like.ticket.id}>
              <a href={`#/tickets/${like.ticket.id}`}>
                {like.ticket.number} {like.ticket.title}
              </a>{' '}
              <Chip tone={like.score >= 0.9 ? 'warn' : 'plain'}>{Math.round(like.score * 100)}%</Chip> <Chip>{stateLabel(like.ticket.state)}</Chip>
              <small class="dim">
                {w.theSame}{like.why.map((code) => EQUAL[code] ?? code).join(common.comma)}{w.afterStop(like.words)}
              </small>
              <small class="dim">{[dateTime(like.ticket.createdAt), like.ticket.townName, like.ticket.place, like.ticket.departmentName].filter((part) => part !== null).join(' · ')}</small>
            </li>
          ))}
        </ul>
        {own === undefined || alike.likes.length === 0 ? null : (
          <p>
            <a href={`#/tickets/${own.id}`}>{w.mergeWithThisConversations(own.number)}</a>
          </p>
        )}
      </Part>
      <SummaryPart key={conversationId} view={view} show={show} />
      <p class="said-line" role="status">
        {said}
      </p>
    </section>
  );
}

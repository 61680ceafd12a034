import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { LinkMessage } from '../../api/linkage.ts';
import { Chip, Empty, type Tone } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { Table } from '../../ui/table.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { COMMON as common } from '../../words.ts';
import { AnswerDialog, dueText, LinkChips } from './link-parts.tsx';
import { CALL_STATES, CONFERENCE as c, LINKAGE as w, RECORD_KINDS, RECORD_STATES } from './words.ts';

const KINDS: Readonly<Record<string, string>> = RECORD_KINDS;
const STATES: Readonly<Record<string, string>> = RECORD_STATES;
const TONES: Readonly<Record<string, Tone>> = { waiting: 'warn', sent: 'warn', acknowledged: 'good', applied: 'good', refused: 'bad', dead: 'bad', held: 'warn' };

/** One matter with another platform, and every record of it. */
export function LinkDetail({ id, changed }: { readonly id: string; readonly changed: () => void }): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const loaded = useLoaded(() => desk.api.linkage.one(id), id);
  const [answering, setAnswering] = useState(false);
  const reload = (): void => {
    loaded.reload();
    changed();
  };
  const act = async (run: () => Promise<string>): Promise<void> => {
    try {
      desk.alerts.say('info', await run());
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    }
    reload();
  };
  if (loaded.value === null) return loaded.fault === '' ? <Empty>{common.reading}</Empty> : <p class="fault">{loaded.fault}</p>;
  const { link, messages, gap, calls } = loaded.value;
  const over = link.state === 'done' || link.state === 'withdrawn' || link.ticketId === null;
  return (
    <section class="linkage-detail" aria-label={link.profileName}>
      <header class="head">
        <h2>{link.profileName}</h2>
        {over ? null : (
          <button type="button" onClick={() => setAnswering(true)}>
            {w.noteAnswer}
          </button>
        )}
        {gap && leads ? (
          <button type="button" class="danger" onClick={() => void act(async () => {
            const { from, to } = await desk.api.linkage.skip(id);
            return w.skipped(from, to);
          })}>
            {w.skipGap}
          </button>
        ) : null}
      </header>
      <p>
        <LinkChips link={link} /> <span class="dim">{dueText(link)}</span>
      </p>
      {link.ticketId === null ? null : (
        <p>
          <a href={`#/tickets/${link.ticketId}`}>
            {link.ticketNumber} {link.ticketTitle}
          </a>
        </p>
      )}
      {link.reason === null ? null : <p class="text">{link.reason}</p>}
      {gap ? <p class="fault">{w.gap}</p> : null}
      {calls.map((call) => (
        <p key={call.id}>
          <b>{c.title}</b> {dateTime(call.createdAt)}{' '}
          {(['citizen', 'seat', 'service'] as const).map((party) => {
            const row = call[party];
            return row === null ? null : (
              <Chip key={party}>
                {party === 'service' ? call.profileName : c[party]} {row.joinedAt === null ? CALL_STATES[row.state] : c.stayed(Math.floor(row.seconds / 60), row.seconds % 60)}
              </Chip>
            );
          })}
        </p>
      ))}
      <h3>{w.records}</h3>
      {messages.length === 0 ? <Empty>{w.noRecords}</Empty> : <Records messages={messages} leads={leads} again={(message) => void act(async () => {
        await desk.api.linkage.replay(message.id);
        return w.sentAgain;
      })} />}
      {answering ? <AnswerDialog link={link} onClose={() => setAnswering(false)} done={reload} /> : null}
    </section>
  );
}

function Records({ messages, leads, again }: { readonly messages: readonly LinkMessage[]; readonly leads: boolean; readonly again: (message: LinkMessage) => void }): JSX.Element {
  return (
    <Table heads={[w.version, w.kind, common.state, w.answer, common.actions]}>
      {messages.map((message) => (
        <tr key={message.id}>
          <td data-label={w.version}>
            {message.direction === 'in' ? w.came : w.went} {message.version} <small>{message.number}</small>
          </td>
          <td data-label={w.kind}>
            {KINDS[message.kind] ?? message.kind} <small>{dateTime(message.createdAt)}</small>
          </td>
          <td data-label={common.state}>
            <Chip tone={TONES[message.state] ?? 'plain'}>{STATES[message.state] ?? message.state}</Chip>
            {message.early ? <Chip tone="warn">{w.early}</Chip> : null}
            {message.repeats > 0 ? <small>{w.repeated(message.repeats)}</small> : null}
          </td>
          <td data-label={w.answer}>
            <span class="code">{message.code}</span> {message.text}
          </td>
          <td class="actions" data-label={common.actions}>
            {leads && message.direction === 'out' && message.state !== 'waiting' ? (
              <button type="button" aria-label={w.sendAgainVersion(message.version)} onClick={() => again(message)}>
                {w.sendAgain}
              </button>
            ) : null}
          </td>
        </tr>
      ))}
    </Table>
  );
}

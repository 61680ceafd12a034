import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { AlikeDraft, BriefTicket, LikeView } from '../api/alike.ts';
import { Chip } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';

/** 并单 at a ticket: what it follows, what follows it, and what looks like the same matter. A person decides; nothing merges by itself. */

const REFUSALS: Readonly<Record<string, string>> = {
  'ticket.merge_finished': '对方已办结或在回访',
  'ticket.merge_unsettled': '本单有待审申请或已挂起',
  'ticket.merge_confidential': '保密工单不能与普通工单合并',
  'ticket.merge_follows': '本单已并入其他工单',
};
const WHY: Readonly<Record<string, string>> = { text: '文字相似', place: '地点相同', item: '事项相同', time: '时间相近', citizen: '同一市民', storm: '集中诉求' };
const percent = (score: number): string => `${Math.round(score * 100)}%`;

export function AlikePanel({ id, version, changed }: { readonly id: string; readonly version: number; readonly changed: () => void }): JSX.Element | null {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.alike.of(id), `${id} ${version}`);
  const [busy, setBusy] = useState(false);
  const { value } = loaded;

  const act = async (work: () => Promise<void>, done: string): Promise<void> => {
    setBusy(true);
    try {
      await work();
      desk.alerts.say('info', done);
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '操作没有成功');
    }
    setBusy(false);
    loaded.reload();
    changed();
  };

  // Beside the ticket: without an answer the ticket is just without it.
  if (value === null) return null;
  const { leading, followers, followerCount, likes, proposals, complete } = value;
  const liked = new Set(likes.map((like) => like.ticket.id));
  const others = proposals.filter((one) => one.state === 'proposed' && !liked.has(one.ticket.id) && one.ticket.state !== '归档');
  if (leading === null && followerCount === 0 && likes.length === 0 && others.length === 0) return null;
  return (
    <section aria-label="并单">
      <h3>并单</h3>
      {leading === null ? null : (
        <p>
          已并入主单 <TicketLink ticket={leading} />，本单时限暂停，随主单办理。{' '}
          <button type="button" disabled={busy} onClick={() => void act(() => desk.api.alike.unmerge(id, version), '已拆分，时限继续计算')}>
            拆分
          </button>
        </p>
      )}
      {followerCount === 0 ? null : (
        <details>
          <summary>
            本单为主单，{followerCount} 张工单随本单办理{followers.length < followerCount ? `（列出前 ${followers.length} 张）` : ''}
          </summary>
          <ul>
            {followers.map((ticket) => (
              <li key={ticket.id}>
                <TicketLink ticket={ticket} /> <Chip>{ticket.state}</Chip>
              </li>
            ))}
          </ul>
        </details>
      )}
      {likes.length === 0 && others.length === 0 ? null : (
        <ul class="likes" aria-label="可能重复">
          {likes.map((like) => (
            <li key={like.ticket.id}>
              <Like like={like} />
              {leading !== null ? null : (
                <>
                  <button type="button" disabled={busy || (like.refusal ?? null) !== null} title={REFUSALS[like.refusal ?? ''] ?? ''} onClick={() => void act(() => desk.api.alike.merge(id, { leadingId: like.ticket.id, version }), `已并入 ${like.ticket.number}`)}>
                    并入此单
                  </button>{' '}
                  <button type="button" class="plain" disabled={busy} onClick={() => void act(() => desk.api.alike.refuse(id, like.ticket.id), '已记为不同事项，不再提示')}>
                    不是同一件事
                  </button>
                </>
              )}
            </li>
          ))}
          {others.map((one) => (
            <li key={one.ticket.id}>
              <TicketLink ticket={one.ticket} /> <small class="dim">{one.leads ? '建议作主单' : '建议并入本单'}：{one.why.map((code) => WHY[code] ?? code).join('、')} {percent(one.score)}</small>{' '}
              <button type="button" class="plain" disabled={busy} onClick={() => void act(() => desk.api.alike.refuse(id, one.ticket.id), '已记为不同事项，不再提示')}>
                不是同一件事
              </button>
            </li>
          ))}
        </ul>
      )}
      {complete ? null : <p class="dim">重复件索引正在载入，稍后可能还有</p>}
    </section>
  );
}

const WAIT_MS = 600;
const LEAST_CHARS = 6;

/** Beneath a form in which a ticket is written: open tickets that say the same, so that a seat can tell the citizen the number. */
export function AlikeHint({ draft }: { readonly draft: AlikeDraft }): JSX.Element | null {
  const desk = useDesk();
  const [likes, setLikes] = useState<readonly LikeView[]>([]);
  const key = JSON.stringify(draft);
  useEffect(() => {
    if (draft.content.trim().length < LEAST_CHARS) {
      setLikes([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      // A hint: without an answer the form is just without it.
      desk.api.alike.ofDraft(draft).then((found) => void (current && setLikes(found)), () => undefined);
    }, WAIT_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [key]);
  if (likes.length === 0) return null;
  return (
    <aside aria-label="可能重复的在办工单">
      <p class="dim">可能已有在办工单：</p>
      <ul class="likes">
        {likes.map((like) => (
          <li key={like.ticket.id}>
            <Like like={like} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Like({ like: { ticket, score, words } }: { readonly like: LikeView }): JSX.Element {
  return (
    <p>
      <TicketLink ticket={ticket} /> <Chip tone={score >= 0.9 ? 'warn' : 'plain'}>{percent(score)}</Chip> <Chip>{ticket.state}</Chip>
      <br />
      <small class="dim">
        {[dateTime(ticket.createdAt), ticket.townName, ticket.place, ticket.departmentName].filter((part) => part !== null).join(' · ')}
        <br />
        {words}
      </small>
    </p>
  );
}

function TicketLink({ ticket }: { readonly ticket: BriefTicket }): JSX.Element {
  return (
    <a href={`#/tickets/${ticket.id}`}>
      {ticket.number} {ticket.title}
    </a>
  );
}

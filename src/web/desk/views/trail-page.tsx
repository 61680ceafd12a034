import type { JSX } from 'preact';
import { dateTime } from '../../shared/format.ts';
import { actionLabel, subjectLabel } from '../labels.ts';
import { Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';

const SHOWN = 200;

/** Who did what. The chain's check is the server's; a break is the first thing to be seen. */
export function TrailPage(): JSX.Element {
  const desk = useDesk();
  const trail = useLoaded(() => desk.api.trail(SHOWN), 'trail');
  return (
    <div class="page">
      <section>
        <header class="head">
          <h2>审计</h2>
          <button type="button" onClick={trail.reload}>
            刷新
          </button>
        </header>
        {trail.fault === '' ? null : <p class="fault">{trail.fault}</p>}
        {trail.value === null ? null : trail.value.brokenAt === null ? (
          <p class="chain good">记录链完整，未被改动</p>
        ) : (
          <p class="chain bad" role="alert">
            记录链在第 {trail.value.brokenAt} 条断开：有记录被改动或删除
          </p>
        )}
        {trail.value?.entries.length === 0 ? <Empty>还没有记录</Empty> : null}
        {(trail.value?.entries.length ?? 0) === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">序号</th>
                  <th scope="col">时间</th>
                  <th scope="col">操作人</th>
                  <th scope="col">操作</th>
                  <th scope="col">对象</th>
                  <th scope="col">用途</th>
                </tr>
              </thead>
              <tbody>
                {trail.value?.entries.map((entry) => (
                  <tr key={entry.seq}>
                    <td>{entry.seq}</td>
                    <td>{dateTime(entry.at)}</td>
                    <td>{entry.actorName ?? entry.actor}</td>
                    <td>{actionLabel(entry.action)}</td>
                    <td>
                      {subjectLabel(entry.subject).kind} <span class="code">{subjectLabel(entry.subject).id}</span>
                    </td>
                    <td>{entry.purpose ?? ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}

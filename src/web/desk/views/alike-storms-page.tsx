import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { StormView } from '../api/alike.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';

/** 集中诉求: many tickets of one matter in a short time. Leaders merge all, answer once and end it. */

const LOOK_MS = 10_000;
const STATES: Readonly<Record<string, string>> = { open: '正在发生', answered: '已统一答复', over: '已结束' };
type Key = 'merge' | 'answer' | 'end';
const KEYS: Readonly<Record<Key, string>> = { merge: '全部并单', answer: '统一答复', end: '结束' };

export function StormsPage(): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const loaded = useLoaded(() => desk.api.alike.storms(), 'storms');
  const [asked, setAsked] = useState<{ readonly storm: StormView; readonly does: Key } | null>(null);
  const { reload } = loaded;
  useEffect(() => {
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <div class="page">
      <section>
        <header class="head">
          <h2>集中诉求</h2>
          <button type="button" onClick={reload}>
            刷新
          </button>
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value?.length === 0 ? <Empty>没有集中诉求，来件都在平常水平</Empty> : null}
        {loaded.value?.map((storm) => (
          <article key={storm.id} aria-label={storm.title}>
            <h3>
              {storm.title} <Chip tone={storm.state === 'open' ? 'bad' : 'good'}>{STATES[storm.state] ?? storm.state}</Chip>
            </h3>
            <dl class="facts">
              <Fact name="工单" value={`${storm.count} 张`} />
              <Fact name="事项" value={storm.itemName ?? '未定'} />
              <Fact name="镇街" value={storm.towns.length === 0 ? '未知' : storm.towns.join('、')} />
              <Fact name="时间" value={`${dateTime(storm.firstAt)} 至 ${dateTime(storm.lastAt)}`} />
              <Fact name="主单" value={storm.leading === null ? '未定' : `${storm.leading.number}（${storm.leading.state}）`} />
            </dl>
            {storm.live === null ? <p class="dim">近一小时没有新增</p> : <Series live={storm.live} />}
            {storm.answer === null ? null : <p class="text">统一答复：{storm.answer}</p>}
            {!leads ? null : (
              <p>
                {(['merge', 'answer', 'end'] as const).map((key) => (
                  <button key={key} type="button" onClick={() => setAsked({ storm, does: key })}>
                    {KEYS[key]}
                  </button>
                ))}
              </p>
            )}
          </article>
        ))}
      </section>
      {asked === null ? null : <StormForm storm={asked.storm} does={asked.does} onClose={() => { setAsked(null); reload(); }} />}
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The last hour in parts of five minutes, beside what is usual; in words for whoever does not see the picture. */
function Series({ live: { series, questions, usual } }: { readonly live: NonNullable<StormView['live']> }): JSX.Element {
  const most = Math.max(1, ...series);
  const sum = series.reduce((total, count) => total + count, 0);
  const said = `近一小时 ${sum} 件（其中咨询 ${questions} 件），平常约 ${Math.max(1, Math.round(usual))} 件`;
  return (
    <figure>
      <svg role="img" aria-label={`${said}；每五分钟：${series.join('、')}`} viewBox={`0 0 ${series.length * 10} 40`} width={series.length * 14} height="56">
        {series.map((count, at) => (
          <rect key={at} x={at * 10 + 1} width="8" y={40 - (count / most) * 38} height={(count / most) * 38} fill="currentColor" />
        ))}
      </svg>
      <figcaption class="dim">{said}</figcaption>
    </figure>
  );
}

function StormForm({ storm, does, onClose }: { readonly storm: StormView; readonly does: Key; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [answer, setAnswer] = useState(storm.answer ?? '');
  const run = (): Promise<void> => {
    switch (does) {
      case 'merge':
        return desk.api.alike.mergeStorm(storm.id);
      case 'answer':
        return desk.api.alike.answerStorm(storm.id, answer.trim());
      case 'end':
        return desk.api.alike.endStorm(storm.id);
    }
  };
  return (
    <DialogForm title={`${KEYS[does]} · ${storm.title}`} action={KEYS[does]} onClose={onClose} run={run}>
      {does === 'merge' ? <p>可以合并的工单都将并入主单 {storm.leading?.number ?? '（未定）'}，时限暂停，之后可逐张拆分。</p> : null}
      {does === 'end' ? <p>不再归集新的工单；已并入的工单不变。</p> : null}
      {does !== 'answer' ? null : (
        <Field label="答复内容" hint="现有和之后来的每位市民都会收到">
          <textarea rows={4} value={answer} onInput={(event) => setAnswer(event.currentTarget.value)} required minLength={2} maxLength={2000} />
        </Field>
      )}
    </DialogForm>
  );
}

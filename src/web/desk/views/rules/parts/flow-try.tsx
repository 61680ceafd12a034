import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FlowRow, TryView } from '../../../../shared/rules-types.ts';
import { Chip, Empty, Field } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';

/** A talk with the running engine that has no effect on anything: what is under way lives in this page alone. */

interface Turn {
  readonly you: string;
  readonly answer: TryView;
}

const CHANNELS = [['text', 'webchat', '网页聊天'], ['text', 'wechat-miniprogram', '微信小程序'], ['voice', 'phone', '电话']] as const;

export function FlowTry({ flows }: { readonly flows: readonly FlowRow[] }): JSX.Element {
  const desk = useDesk();
  const [channel, setChannel] = useState<(typeof CHANNELS)[number][1]>('webchat');
  const [locale, setLocale] = useState('zh-CN');
  const [seats, setSeats] = useState(1);
  const [found, setFound] = useState(true);
  const [enterprise, setEnterprise] = useState('');
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const log = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const modality = CHANNELS.find(([, id]) => id === channel)?.[0] ?? 'text';
  const last = turns.at(-1)?.answer;

  const step = async (you: string, event: { readonly type: string; readonly text?: string; readonly keys?: string }, from: readonly Turn[]): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFault('');
    try {
      const state = from.at(-1)?.answer.state;
      const answer = await desk.api.rules.tryFlow({ ...(state === undefined ? {} : { state }), event, modality, channel, locale, seatsOnline: seats, found, ...(enterprise.trim() === '' ? {} : { enterprise: enterprise.trim() }) });
      setTurns([...from, { you, answer }]);
      setText('');
    } catch (error) {
      setFault(error instanceof Error ? error.message : '没有回答');
    }
    setBusy(false);
    box.current?.focus();
  };
  const begin = (): void => void step('（进入会话）', { type: 'enter' }, []);
  const say = (words: string): void => {
    const keys = modality === 'voice' && /^[0-9*#]+$/.test(words) ? words : undefined;
    if (words.trim() === '') {
      if (modality === 'voice' && turns.length > 0) void step('（没有说话）', { type: 'silence' }, turns);
      return;
    }
    void step(keys === undefined ? words : `按键 ${keys}`, { type: 'message', text: keys === undefined ? words : '', ...(keys === undefined ? {} : { keys }) }, turns);
  };
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [turns]);
  const nameOf = (id: string): string => flows.find((flow) => flow.id === id)?.title ?? id;

  return (
    <div class="flow-try">
      <p class="banner">试跑：用正在运行的流程和知识库，什么也不会登记、发送或记录；动作只是假定有结果，都标着“假定”。请不要输入真实市民的信息。</p>
      <div class="fields try-settings">
        <Field label="渠道">
          <select value={channel} onChange={(event) => { setChannel(CHANNELS.find(([, id]) => id === event.currentTarget.value)?.[1] ?? 'webchat'); setTurns([]); }}>
            {CHANNELS.map(([, id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="语言">
          <select value={locale} onChange={(event) => { setLocale(event.currentTarget.value); setTurns([]); }}>
            <option value="zh-CN">中文</option>
            <option value="en">English</option>
          </select>
        </Field>
        <Field label="在线坐席">
          <input type="number" min={0} max={999} value={seats} onInput={(event) => { const read = event.currentTarget.valueAsNumber; if (Number.isInteger(read) && read >= 0) setSeats(read); }} />
        </Field>
        <Field label="查工单时">
          <select value={found ? 'yes' : 'no'} onChange={(event) => setFound(event.currentTarget.value === 'yes')}>
            <option value="yes">假定查得到</option>
            <option value="no">假定查不到</option>
          </select>
        </Field>
        <Field label="企业名称" hint="空着就是市民">
          <input value={enterprise} maxLength={80} onInput={(event) => setEnterprise(event.currentTarget.value)} />
        </Field>
      </div>
      <div class="try-split">
        <section class="try-talk" aria-label="对话">
          <div class="try-log" ref={log} role="log" aria-label="对话记录" tabIndex={0}>
            {turns.length === 0 ? <Empty>点“开始”，或直接说一句话</Empty> : null}
            {turns.map(({ you, answer }, index) => (
              <div key={index} class="try-turn">
                <p class="you">
                  <b>市民</b> {you}
                </p>
                {answer.steps.map((one, place) =>
                  one.said === undefined ? (
                    <p key={place} class={one.what === 'dry' ? 'did dry' : 'did'}>
                      {one.text}
                    </p>
                  ) : (
                    <div key={place} class="bot">
                      <b>机器人</b>
                      <p class="text">{modality === 'voice' ? (one.said.speak ?? one.said.text) : one.said.text}</p>
                      {one.said.source === null ? null : <small class="dim">来源：{one.said.source}</small>}
                      {one.said.choices.length === 0 ? null : (
                        <p class="try-choices">
                          {one.said.choices.map(({ title, key }, at) => (
                            <button key={at} type="button" disabled={busy || index !== turns.length - 1} onClick={() => say(modality === 'voice' ? (key ?? String(at + 1)) : title)}>
                              {modality === 'voice' ? `${key ?? at + 1} ` : ''}
                              {title}
                            </button>
                          ))}
                        </p>
                      )}
                    </div>
                  ),
                )}
              </div>
            ))}
          </div>
          {fault === '' ? null : (
            <p class="fault" role="alert">
              {fault}
            </p>
          )}
          <form
            class="try-say"
            onSubmit={(event) => {
              event.preventDefault();
              say(text);
            }}
          >
            <input ref={box} aria-label="市民说" placeholder={modality === 'voice' ? '说话，或只输数字表示按键；空着回车表示没说话' : '市民说'} value={text} maxLength={2_000} onInput={(event) => setText(event.currentTarget.value)} autocomplete="off" />
            <button type="submit" class="primary" disabled={busy}>
              发送
            </button>
            <button type="button" disabled={busy} onClick={begin}>
              {turns.length === 0 ? '开始' : '重新开始'}
            </button>
            <button type="button" disabled={busy || turns.length === 0} onClick={() => setTurns(turns.slice(0, -1))}>
              退一步
            </button>
          </form>
        </section>
        <aside class="try-state" aria-label="现在的状态">
          <h3>现在的状态</h3>
          {last === undefined ? (
            <p class="dim">还没有开始</p>
          ) : (
            <>
              <p class="chips">
                {last.place.waiting ? <Chip tone="warn">在等人工</Chip> : null}
                {last.place.emergency === null ? null : <Chip tone="bad">紧急：{last.place.emergency}</Chip>}
                {last.place.ended ? <Chip>已结束</Chip> : null}
                {last.place.frames.length === 0 && !last.place.waiting && !last.place.ended ? <Chip tone="good">等市民开口</Chip> : null}
              </p>
              <ol>
                {last.place.frames.map(({ flow, step: at, asked, slots }, index) => (
                  <li key={index}>
                    <a href={`#/flows/${flow}`}>{nameOf(flow)}</a> 第 <span class="code">{at}</span> 步{asked === null ? '' : `，正在问 ${asked}`}
                    {slots.length === 0 ? null : (
                      <dl>
                        {slots.map(({ name, value }) => (
                          <div key={name}>
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                          </div>
                        ))}
                      </dl>
                    )}
                  </li>
                ))}
              </ol>
            </>
          )}
        </aside>
      </div>
    </div>
  );
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FlowRow, TryView } from '../../../../shared/rules-types.ts';
import { Chip, Empty, Field } from '../../../ui/bits.tsx';
import { useDesk } from '../../../ui/context.ts';
import { FLOW_TRY as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

/** A talk with the running engine that has no effect on anything: what is under way lives in this page alone. */

interface Turn {
  readonly you: string;
  readonly answer: TryView;
}

const channels = () => ([['text', 'webchat', w.webChat], ['text', 'wechat-miniprogram', w.wechatMiniProgram], ['voice', 'phone', w.phone]] as const);

export function FlowTry({ flows }: { readonly flows: readonly FlowRow[] }): JSX.Element {
  const desk = useDesk();
  const [channel, setChannel] = useState<ReturnType<typeof channels>[number][1]>('webchat');
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
  const modality = channels().find(([, id]) => id === channel)?.[0] ?? 'text';
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
      setFault(error instanceof Error ? error.message : w.noAnswer);
    }
    setBusy(false);
    box.current?.focus();
  };
  const begin = (): void => void step(w.comesIn, { type: 'enter' }, []);
  const say = (words: string): void => {
    const keys = modality === 'voice' && /^[0-9*#]+$/.test(words) ? words : undefined;
    if (words.trim() === '') {
      if (modality === 'voice' && turns.length > 0) void step(w.saysNothing, { type: 'silence' }, turns);
      return;
    }
    void step(keys === undefined ? words : w.key(keys), { type: 'message', text: keys === undefined ? words : '', ...(keys === undefined ? {} : { keys }) }, turns);
  };
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [turns]);
  const nameOf = (id: string): string => flows.find((flow) => flow.id === id)?.title ?? id;

  return (
    <div class="flow-try">
      <p class="banner">{w.aTryWithThe}</p>
      <div class="fields try-settings">
        <Field label={w.channels}>
          <select value={channel} onChange={(event) => { setChannel(channels().find(([, id]) => id === event.currentTarget.value)?.[1] ?? 'webchat'); setTurns([]); }}>
            {channels().map(([, id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field label={w.language}>
          <select value={locale} onChange={(event) => { setLocale(event.currentTarget.value); setTurns([]); }}>
            <option value="zh-CN">{w.chinese}</option>
            <option value="zh-HK">{w.cantonese}</option>
            <option value="en">English</option>
          </select>
        </Field>
        <Field label={w.seatsOnline}>
          <input type="number" min={0} max={999} value={seats} onInput={(event) => { const read = event.currentTarget.valueAsNumber; if (Number.isInteger(read) && read >= 0) setSeats(read); }} />
        </Field>
        <Field label={w.lookingForTickets}>
          <select value={found ? 'yes' : 'no'} onChange={(event) => setFound(event.currentTarget.value === 'yes')}>
            <option value="yes">{w.assumeItIsFound}</option>
            <option value="no">{w.assumeItIsNot}</option>
          </select>
        </Field>
        <Field label={w.enterprise} hint={w.emptyACitizen}>
          <input value={enterprise} maxLength={80} onInput={(event) => setEnterprise(event.currentTarget.value)} />
        </Field>
      </div>
      <div class="try-split">
        <section class="try-talk" aria-label={w.conversation}>
          <div class="try-log" ref={log} role="log" aria-label={w.transcript} tabIndex={0}>
            {turns.length === 0 ? <Empty>{w.pressBeginOrJust}</Empty> : null}
            {turns.map(({ you, answer }, index) => (
              <div key={index} class="try-turn">
                <p class="you">
                  <b>{common.citizen}</b> {you}
                </p>
                {answer.steps.map((one, place) =>
                  one.said === undefined ? (
                    <p key={place} class={one.what === 'dry' ? 'did dry' : 'did'}>
                      {one.text}
                    </p>
                  ) : (
                    <div key={place} class="bot">
                      <b>{w.bot}</b>
                      <p class="text">{modality === 'voice' ? (one.said.speak ?? one.said.text) : one.said.text}</p>
                      {one.said.source === null ? null : <small class="dim">{w.source(one.said.source)}</small>}
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
            <input ref={box} aria-label={w.theCitizenSays} placeholder={modality === 'voice' ? w.saySomethingOrDigits : w.theCitizenSays} value={text} maxLength={2_000} onInput={(event) => setText(event.currentTarget.value)} autocomplete="off" />
            <button type="submit" class="primary" disabled={busy}>
              {w.send}
            </button>
            <button type="button" disabled={busy} onClick={begin}>
              {turns.length === 0 ? w.begin : w.beginAgain}
            </button>
            <button type="button" disabled={busy || turns.length === 0} onClick={() => setTurns(turns.slice(0, -1))}>
              {w.oneStepBack}
            </button>
          </form>
        </section>
        <aside class="try-state" aria-label={w.stateNow}>
          <h3>{w.stateNow}</h3>
          {last === undefined ? (
            <p class="dim">{w.notBegunYet}</p>
          ) : (
            <>
              <p class="chips">
                {last.place.waiting ? <Chip tone="warn">{w.waitingForAPerson}</Chip> : null}
                {last.place.emergency === null ? null : <Chip tone="bad">{w.emergency(last.place.emergency)}</Chip>}
                {last.place.ended ? <Chip>{common.ended}</Chip> : null}
                {last.place.frames.length === 0 && !last.place.waiting && !last.place.ended ? <Chip tone="good">{w.waitingForTheCitizen}</Chip> : null}
              </p>
              <ol>
                {last.place.frames.map(({ flow, step: at, asked, slots }, index) => (
                  <li key={index}>
                    <a href={`#/flows/${flow}`}>{nameOf(flow)}</a>{w.step}<span class="code">{at}</span>{w.ofIt}{asked === null ? '' : w.asking(asked)}
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

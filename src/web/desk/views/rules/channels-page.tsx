import type { JSX } from 'preact';
import { dateTime } from '../../../shared/format.ts';
import { waited } from '../../ui/times.ts';
import type { ChannelStateView } from '../../../shared/rules-types.ts';
import { channelLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import '../../styles/rules.css';
import { AuditLine } from './parts/audit-line.tsx';
import { CHANNELS_PAGE as w, CHANNEL_NOTES, INBOUND_WORDS, DELIVERY_WORDS, STATUS_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

const INBOUND: Readonly<Record<string, string>> = INBOUND_WORDS;
const DELIVERY: Readonly<Record<string, string>> = DELIVERY_WORDS;
const STATUS: Readonly<Record<string, string>> = STATUS_WORDS;
const NOTES: Readonly<Record<string, string>> = CHANNEL_NOTES;
const QUOTA = /quota/;

/** How each channel is: on or why not, what went last, what waits, what failed. */
export function ChannelsPage(): JSX.Element {
  const desk = useDesk();
  const channels = useLoaded(() => desk.api.rules.channelStates(), 'channels');
  return (
    <div class="page rules-page">
      <section aria-label={w.channels}>
        <header class="head">
          <div class="title">
            <h2>{w.channels}</h2>
            <p class="dim">{w.missingSettingsAreEnvironment}</p>
          </div>
          <button type="button" onClick={channels.reload}>
            {common.reload}
          </button>
        </header>
        {channels.fault === '' ? null : (
          <p class="fault" role="alert">
            {channels.fault}
          </p>
        )}
        {channels.value?.length === 0 ? <Empty>{w.noChannels}</Empty> : null}
        <ul class="channel-cards">
          {channels.value?.map((channel) => (
            <ChannelCard key={channel.name} channel={channel} now={desk.now.value} />
          ))}
        </ul>
        <AuditLine filter={{ subject: 'outbox:*' }} />
      </section>
    </div>
  );
}

function ChannelCard({ channel, now }: { readonly channel: ChannelStateView; readonly now: number }): JSX.Element {
  const { name, state, note, missing, inbound, delivery, lastInAt, lastOutAt, waiting, oldestAt, dead, errors, limits } = channel;
  const spent = errors.filter(({ code }) => QUOTA.test(code)).reduce((sum, { amount }) => sum + amount, 0);
  const when = (at: number | null): string => (at === null ? w.notLately : w.ago(dateTime(at), waited(now - at)));
  return (
    <li>
      <header>
        <h3>{channelLabel(name)}</h3>
        <span class="code dim">{name}</span>
        <Chip tone={state === 'on' ? 'good' : 'plain'}>{state === 'on' ? w.on : w.off}</Chip>
        {dead > 0 ? <Chip tone="bad">{w.deadLetters(dead)}</Chip> : null}
        {waiting > 0 ? <Chip tone={oldestAt !== null && now - oldestAt > 60_000 ? 'warn' : 'info'}>{w.toSend(waiting)}</Chip> : null}
      </header>
      {note === null ? null : <p class="banner">{w.notUp(NOTES[note] ?? note)}</p>}
      {missing.length === 0 ? null : (
        <p class="banner">
          {w.offForWantOf}
          {missing.map(({ name: setting, about }) => (
            <span key={setting}>
              <b class="code">{setting}</b>{w.inBrackets(about)}
            </span>
          ))}
        </p>
      )}
      <dl>
        <div>
          <dt>{w.lastReceived}</dt>
          <dd>{when(lastInAt)}</dd>
        </div>
        <div>
          <dt>{w.lastDelivered}</dt>
          <dd>{when(lastOutAt)}</dd>
        </div>
        <div>
          <dt>{w.queue}</dt>
          <dd>{waiting === 0 ? w.none : w.oldestAgo(waiting, oldestAt === null ? '' : waited(now - oldestAt))}</dd>
        </div>
        <div>
          <dt>{w.limits}</dt>
          <dd>
            {w.aMessage(limits.textLimit, limits.textLimitUnit === 'bytes' ? w.bytes : w.characters)}{limits.replyWindowHours === null ? w.mayAnswerAnyTime : w.mayAnswerWithinH(limits.replyWindowHours)}{w.afterSemicolon(limits.proactive ? w.mayBeginByItself : w.mayNotBeginBy)}
          </dd>
        </div>
        <div>
          <dt>{w.quota}</dt>
          <dd>{spent === 0 ? w.nothingHeldBackBy : w.notSentForThe(spent)}</dd>
        </div>
        <div>
          <dt>{w.ways}</dt>
          <dd>
            {w.joined(INBOUND[inbound] ?? inbound, DELIVERY[delivery] ?? delivery)}
          </dd>
        </div>
      </dl>
      {errors.length === 0 ? null : (
        <>
          <h4>{w.errorsOfTheLast}</h4>
          <ul class="lines">
            {errors.map(({ code, status, amount, lastAt }) => (
              <li key={`${code} ${status}`}>
                <span class="code">{code}</span>{w.timeLast(STATUS[status] ?? status, amount, dateTime(lastAt))}
              </li>
            ))}
          </ul>
        </>
      )}
      {dead === 0 ? null : (
        <p>
          <a href={`#/dead-letters/${new URLSearchParams({ kind: 'deliver' }).toString()}`}>{w.seeWhatWasNot}</a>
        </p>
      )}
    </li>
  );
}

import type { JSX } from 'preact';
import { dateTime, waited } from '../../../shared/format.ts';
import type { ChannelStateView } from '../../../shared/rules-types.ts';
import { channelLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import '../../styles/rules.css';
import { AuditLine } from './parts/audit-line.tsx';

const INBOUND: Readonly<Record<string, string>> = { webhook: '对方推送', socket: '长连接', session: '会话' };
const DELIVERY: Readonly<Record<string, string>> = { stream: '推到页面', push: '逐条发送', pull: '对方来取', reply: '随回应返回' };
const STATUS: Readonly<Record<string, string>> = { failed: '没有送达', retrying: '重试' };
const QUOTA = /quota/;

/** How each channel is: on or why not, what went last, what waits, what failed. */
export function ChannelsPage(): JSX.Element {
  const desk = useDesk();
  const channels = useLoaded(() => desk.api.rules.channelStates(), 'channels');
  return (
    <div class="page rules-page">
      <section aria-label="渠道">
        <header class="head">
          <div class="title">
            <h2>渠道</h2>
            <p class="dim">缺的设置是环境变量，补上后重启。收发时间取自最近的会话和回执，错误是最近一天的。</p>
          </div>
          <button type="button" onClick={channels.reload}>
            刷新
          </button>
        </header>
        {channels.fault === '' ? null : (
          <p class="fault" role="alert">
            {channels.fault}
          </p>
        )}
        {channels.value?.length === 0 ? <Empty>没有渠道</Empty> : null}
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
  const { name, state, missing, inbound, delivery, lastInAt, lastOutAt, waiting, oldestAt, dead, errors, limits } = channel;
  const spent = errors.filter(({ code }) => QUOTA.test(code)).reduce((sum, { amount }) => sum + amount, 0);
  const when = (at: number | null): string => (at === null ? '近来没有' : `${dateTime(at)}（${waited(now - at)}前）`);
  return (
    <li>
      <header>
        <h3>{channelLabel(name)}</h3>
        <span class="code dim">{name}</span>
        <Chip tone={state === 'on' ? 'good' : 'plain'}>{state === 'on' ? '已启用' : '未启用'}</Chip>
        {dead > 0 ? <Chip tone="bad">死信 {dead}</Chip> : null}
        {waiting > 0 ? <Chip tone={oldestAt !== null && now - oldestAt > 60_000 ? 'warn' : 'info'}>待发 {waiting}</Chip> : null}
      </header>
      {missing.length === 0 ? null : (
        <p class="banner">
          没有启用，缺少设置：
          {missing.map(({ name: setting, about }) => (
            <span key={setting}>
              <b class="code">{setting}</b>（{about}）{' '}
            </span>
          ))}
        </p>
      )}
      <dl>
        <div>
          <dt>最近收到</dt>
          <dd>{when(lastInAt)}</dd>
        </div>
        <div>
          <dt>最近送达</dt>
          <dd>{when(lastOutAt)}</dd>
        </div>
        <div>
          <dt>排队</dt>
          <dd>{waiting === 0 ? '没有' : `${waiting} 条，最早 ${oldestAt === null ? '' : waited(now - oldestAt)}前`}</dd>
        </div>
        <div>
          <dt>限制</dt>
          <dd>
            每条 {limits.textLimit} {limits.textLimitUnit === 'bytes' ? '字节' : '字'}；{limits.replyWindowHours === null ? '随时可回' : `市民说话后 ${limits.replyWindowHours} 小时内可回`}；{limits.proactive ? '可以主动发' : '不能主动发'}
          </dd>
        </div>
        <div>
          <dt>额度</dt>
          <dd>{spent === 0 ? '最近一天没有因额度没发出的' : `最近一天 ${spent} 条因额度没有发出`}</dd>
        </div>
        <div>
          <dt>方式</dt>
          <dd>
            {INBOUND[inbound] ?? inbound}，{DELIVERY[delivery] ?? delivery}
          </dd>
        </div>
      </dl>
      {errors.length === 0 ? null : (
        <>
          <h4>最近一天的错误</h4>
          <ul class="lines">
            {errors.map(({ code, status, amount, lastAt }) => (
              <li key={`${code} ${status}`}>
                <span class="code">{code}</span> {STATUS[status] ?? status} {amount} 次，最近 {dateTime(lastAt)}
              </li>
            ))}
          </ul>
        </>
      )}
      {dead === 0 ? null : (
        <p>
          <a href={`#/dead-letters/${new URLSearchParams({ kind: 'deliver' }).toString()}`}>看没有发出的</a>
        </p>
      )}
    </li>
  );
}

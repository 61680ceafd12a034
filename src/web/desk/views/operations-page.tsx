import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import { channelLabel } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { useLoaded } from '../ui/use-loaded.ts';

/** What could not be delivered or processed for good, and which channels are on. */
export function OperationsPage(): JSX.Element {
  const desk = useDesk();
  const letters = useLoaded(() => desk.api.deadLetters(), 'letters');
  const channels = useLoaded(() => desk.api.channels(), 'channels');
  const [busy, setBusy] = useState<string | null>(null);

  const retry = async (id: string): Promise<void> => {
    setBusy(id);
    try {
      await desk.api.retryDeadLetter(id);
      desk.alerts.say('info', '已放回队列重试');
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '重试没有成功');
    }
    setBusy(null);
    letters.reload();
  };

  return (
    <div class="page">
      <section>
        <header class="head">
          <h2>死信</h2>
          <button type="button" onClick={letters.reload}>
            刷新
          </button>
        </header>
        {letters.fault === '' ? null : <p class="fault">{letters.fault}</p>}
        {letters.value?.length === 0 ? <Empty>没有死信，一切都已送达</Empty> : null}
        {(letters.value?.length ?? 0) === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">时间</th>
                  <th scope="col">类型</th>
                  <th scope="col">通道</th>
                  <th scope="col">尝试</th>
                  <th scope="col">最后的错误</th>
                  <th scope="col">操作</th>
                </tr>
              </thead>
              <tbody>
                {letters.value?.map((letter) => (
                  <tr key={letter.id}>
                    <td>{dateTime(letter.createdAt)}</td>
                    <td>{letter.kind}</td>
                    <td class="code">{letter.lane}</td>
                    <td>{letter.attempts}</td>
                    <td class="code">{letter.lastError ?? ''}</td>
                    <td>
                      <button type="button" disabled={busy === letter.id} onClick={() => void retry(letter.id)}>
                        重试
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section>
        <header class="head">
          <h2>渠道</h2>
        </header>
        {channels.fault === '' ? null : <p class="fault">{channels.fault}</p>}
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">渠道</th>
                <th scope="col">状态</th>
                <th scope="col">接入</th>
                <th scope="col">送达</th>
                <th scope="col">缺少的设置</th>
              </tr>
            </thead>
            <tbody>
              {channels.value?.map((channel) => (
                <tr key={channel.name}>
                  <td>
                    {channelLabel(channel.name)} <small class="code">{channel.name}</small>
                  </td>
                  <td>
                    <Chip tone={channel.state === 'on' ? 'good' : 'plain'}>{channel.state === 'on' ? '已启用' : '未启用'}</Chip>
                  </td>
                  <td class="code">{channel.inbound}</td>
                  <td class="code">{channel.delivery}</td>
                  <td class="code">{channel.missing.join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );
}

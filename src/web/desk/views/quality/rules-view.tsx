import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import { channelLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { severityLabel, severityTone } from './labels.ts';

const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;

/** The rules in force, whose inspections a person looks at, and which versions there were. */
export function RulesView(): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const loaded = useLoaded(() => desk.api.quality.rules(), 'rules');
  const [shown, setShown] = useState<string | null>(null);
  const rules = loaded.value;
  if (rules === null) return <div class="page">{loaded.fault === '' ? <Empty>正在读取</Empty> : <p class="fault">{loaded.fault}</p>}</div>;
  return (
    <div class="page">
      <section aria-label="质检规则">
        <header class="head">
          <h2>质检规则（{rules.version}）</h2>
        </header>
        <p class="quality-about">
          满分 100 分，按项扣分；有致命项的最高 {rules.fatalAtMost} 分。收到复核结果后 {rules.appealWorkdays} 个工作日内可以申诉，由另一位质检员裁定。规则写在 config/quality.yaml 里。
        </p>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">规则</th>
                <th scope="col">要求</th>
                <th scope="col">级别</th>
                <th scope="col">每次扣分</th>
                <th scope="col">范围</th>
              </tr>
            </thead>
            <tbody>
              {rules.rules.map((rule) => (
                <tr key={rule.id}>
                  <td>
                    <b>{rule.name}</b> {rule.active ? null : <Chip>停用</Chip>}
                  </td>
                  <td>{rule.about}</td>
                  <td>
                    <Chip tone={severityTone(rule.severity)}>{severityLabel(rule.severity)}</Chip>
                  </td>
                  <td>
                    {rule.points}
                    {rule.most === null ? '' : `，最多 ${rule.most}`}
                  </td>
                  <td>{rule.channels.length + rule.modalities.length === 0 ? '全部' : [...rule.channels.map(channelLabel), ...rule.modalities.map((name) => (name === 'voice' ? '语音' : '文字'))].join('、')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      {rules.sampling === null ? null : (
        <section aria-label="抽样">
          <header class="head">
            <h2>抽样复核</h2>
          </header>
          <ul class="quality-about">
            <li>平常抽 {percent(rules.sampling.share)}，入职 {rules.sampling.newSeats.days} 天内的坐席抽 {percent(rules.sampling.newSeats.share)}</li>
            <li>低于 {rules.sampling.below} 分的全部复核</li>
            {rules.sampling.fatal ? <li>有致命项的全部复核</li> : null}
            {rules.sampling.dissatisfied ? <li>市民对办理结果不满意的全部复核</li> : null}
          </ul>
        </section>
      )}
      <section aria-label="规则版本">
        <header class="head">
          <h2>版本</h2>
        </header>
        {rules.versions.length === 0 ? <Empty>第一次质检后这里会记下当时的规则</Empty> : null}
        <ul class="quality-about">
          {rules.versions.map(({ version, since }) => (
            <li key={version}>
              {leads ? (
                <button type="button" class="link" onClick={() => setShown(version)}>
                  {version}
                </button>
              ) : (
                version
              )}{' '}
              <span class="dim">{dateTime(since)} 起{version === rules.version ? '，现行' : ''}</span>
            </li>
          ))}
        </ul>
      </section>
      {shown === null ? null : <VersionDialog version={shown} onClose={() => setShown(null)} />}
    </div>
  );
}

function VersionDialog({ version, onClose }: { readonly version: string; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded(() => desk.api.quality.rulesOf(version), version);
  return (
    <Dialog title={`规则 ${version}`} className="wide" onClose={onClose}>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      <pre class="quality-version" tabIndex={0}>
        {loaded.value === null ? '正在读取' : JSON.stringify(loaded.value, null, 1)}
      </pre>
    </Dialog>
  );
}

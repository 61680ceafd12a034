import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import { channelLabel } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk, useSeat } from '../../ui/context.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { severityLabel, severityTone } from './labels.ts';
import { RULES_VIEW as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const percent = (share: number): string => `${(share * 100).toFixed(0)}%`;

/** The rules in force, whose inspections a person looks at, and which versions there were. */
export function RulesView(): JSX.Element {
  const desk = useDesk();
  const leads = ['supervisor', 'administrator'].includes(useSeat().role);
  const loaded = useLoaded(() => desk.api.quality.rules(), 'rules');
  const [shown, setShown] = useState<string | null>(null);
  const rules = loaded.value;
  if (rules === null) return <div class="page">{loaded.fault === '' ? <Empty>{common.reading}</Empty> : <p class="fault">{loaded.fault}</p>}</div>;
  return (
    <div class="page">
      <section aria-label={w.qualityRules}>
        <header class="head">
          <h2>{w.qualityRules2(rules.version)}</h2>
        </header>
        <p class="quality-about">
          {w.n100PointsLessWhat(rules.fatalAtMost, rules.appealWorkdays)}
        </p>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{common.rules}</th>
                <th scope="col">{w.whatIsAsked}</th>
                <th scope="col">{w.severity}</th>
                <th scope="col">{w.pointsEach}</th>
                <th scope="col">{w.where}</th>
              </tr>
            </thead>
            <tbody>
              {rules.rules.map((rule) => (
                <tr key={rule.id}>
                  <td>
                    <b>{rule.name}</b> {rule.active ? null : <Chip>{common.deactivate}</Chip>}
                  </td>
                  <td>{rule.about}</td>
                  <td>
                    <Chip tone={severityTone(rule.severity)}>{severityLabel(rule.severity)}</Chip>
                  </td>
                  <td>
                    {rule.points}
                    {rule.most === null ? '' : w.atMost(rule.most)}
                  </td>
                  <td>{rule.channels.length + rule.modalities.length === 0 ? w.all : [...rule.channels.map(channelLabel), ...rule.modalities.map((name) => (name === 'voice' ? w.voice : w.text))].join(common.comma)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      {rules.sampling === null ? null : (
        <section aria-label={w.sampling}>
          <header class="head">
            <h2>{w.samplingForJudgement}</h2>
          </header>
          <ul class="quality-about">
            <li>{w.usuallyOfSeatsHere(percent(rules.sampling.share), rules.sampling.newSeats.days, percent(rules.sampling.newSeats.share))}</li>
            <li>{w.allBelowPoints(rules.sampling.below)}</li>
            {rules.sampling.fatal ? <li>{w.allWithFatalFindings}</li> : null}
            {rules.sampling.dissatisfied ? <li>{w.allWhoseCitizenWas}</li> : null}
          </ul>
        </section>
      )}
      <section aria-label={w.versionsOfTheRules}>
        <header class="head">
          <h2>{w.versions}</h2>
        </header>
        {rules.versions.length === 0 ? <Empty>{w.theRulesAreKept}</Empty> : null}
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
              <span class="dim">{w.since(dateTime(since), version === rules.version ? w.inUse : '')}</span>
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
    <Dialog title={w.rules(version)} className="wide" onClose={onClose}>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      <pre class="quality-version" tabIndex={0}>
        {loaded.value === null ? common.reading : JSON.stringify(loaded.value, null, 1)}
      </pre>
    </Dialog>
  );
}

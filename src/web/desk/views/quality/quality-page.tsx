import type { JSX } from 'preact';
import '../../styles/quality.css';
import { FiguresView } from './figures-view.tsx';
import { InspectionsView } from './inspections-view.tsx';
import { RulesView } from './rules-view.tsx';
import { QUALITY_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** 质检: inspections, figures, rules. Seats see their own. */

const tabs = () => ([
  ['', w.list],
  ['figures', w.figures],
  ['rules', common.rules],
] as const);

export function QualityPage({ rest }: { readonly rest: string }): JSX.Element {
  const tab = rest === 'figures' || rest === 'rules' ? rest : '';
  return (
    <div class="quality">
      <nav class="quality-tabs" aria-label={w.quality}>
        {tabs().map(([path, label]) => (
          <a key={path} href={`#/quality${path === '' ? '' : `/${path}`}`} aria-current={tab === path ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {tab === 'figures' ? <FiguresView /> : tab === 'rules' ? <RulesView /> : <InspectionsView chosen={rest} />}
    </div>
  );
}

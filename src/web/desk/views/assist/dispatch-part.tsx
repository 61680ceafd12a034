import type { JSX } from 'preact';
import type { AssistView } from '../../../shared/assist-types.ts';
import { Chip, Empty, Score } from '../../ui/bits.tsx';
import { Part } from './parts.tsx';

/** Which item, which department by which rule, and until when. */
export function DispatchPart({ view, takeItem }: { readonly view: AssistView; readonly takeItem: (code: string) => void }): JSX.Element {
  const { items, department, assistants, why, because, deadline } = view.dispatch;
  if (items.length === 0) {
    return (
      <Part title="事项与派单">
        <Empty>还看不出是什么事项</Empty>
      </Part>
    );
  }
  return (
    <Part title="事项与派单">
      <ul class="suggestions">
        {items.map((item) => (
          <li key={item.code}>
            <span>
              <button type="button" class="link" title="用作工单事项" onClick={() => takeItem(item.code)}>
                {item.name}
              </button>
              <Chip tone={item.sure ? 'good' : 'plain'}>{item.sure ? '把握大' : '请核对'}</Chip>
              <Score value={item.score} />
            </span>
            <small>{item.matched.length === 0 ? item.field : `${item.field} · 依据：${item.matched.join('、')}`}</small>
          </li>
        ))}
      </ul>
      <dl class="assist-facts">
        <div>
          <dt>承办</dt>
          <dd>
            {department === null ? '待人工派单' : department.name}
            {assistants.length === 0 ? '' : `，协办 ${assistants.join('、')}`}
            <small class="dim">{[why, ...because].join('；')}</small>
          </dd>
        </div>
        {deadline === null ? null : (
          <div>
            <dt>期限</dt>
            <dd>
              <details>
                <summary>{deadline.text}</summary>
                {deadline.lines.map((line) => (
                  <small key={line} class="dim">
                    {line}
                  </small>
                ))}
              </details>
            </dd>
          </div>
        )}
      </dl>
    </Part>
  );
}

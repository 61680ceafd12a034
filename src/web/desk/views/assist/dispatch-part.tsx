import type { JSX } from 'preact';
import type { AssistView } from '../../../shared/assist-types.ts';
import { Chip, Empty, Score } from '../../ui/bits.tsx';
import { Part } from './parts.tsx';
import { DISPATCH_PART as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Which item, which department by which rule, and until when. */
export function DispatchPart({ view, takeItem }: { readonly view: AssistView; readonly takeItem: (code: string) => void }): JSX.Element {
  const { items, department, assistants, why, because, deadline } = view.dispatch;
  if (items.length === 0) {
    return (
      <Part title={w.itemAndDispatch}>
        <Empty>{w.noItemCanBe}</Empty>
      </Part>
    );
  }
  return (
    <Part title={w.itemAndDispatch}>
      <ul class="suggestions">
        {items.map((item) => (
          <li key={item.code}>
            <span>
              <button type="button" class="link" title={w.useAsTheTickets} onClick={() => takeItem(item.code)}>
                {item.name}
              </button>
              <Chip tone={item.sure ? 'good' : 'plain'}>{item.sure ? w.quiteSure : w.pleaseCheck}</Chip>
              <Score value={item.score} />
            </span>
            <small>{item.matched.length === 0 ? item.field : w.becauseOf(item.field, item.matched.join(common.comma))}</small>
          </li>
        ))}
      </ul>
      <dl class="assist-facts">
        <div>
          <dt>{w.handledBy}</dt>
          <dd>
            {department === null ? w.toBeDispatchedBy : department.name}
            {assistants.length === 0 ? '' : w.assistedBy(assistants.join(common.comma))}
            <small class="dim">{[why, ...because].join(common.semicolon)}</small>
          </dd>
        </div>
        {deadline === null ? null : (
          <div>
            <dt>{w.deadline}</dt>
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

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Route } from '../../../../domain/config-files.ts';
import { conditionTexts } from './parts/conditions.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { CataloguePage, type Editing } from './parts/catalogue-page.tsx';
import { useCity, type City } from './parts/use-city.ts';
import { RouteForm } from './parts/route-form.tsx';
import { Explain, Trial } from './parts/trial.tsx';
import { DISPATCH_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** Dispatch rules: `#/dispatch`, `#/dispatch/VERSION`. */
export function DispatchPage({ rest }: { readonly rest: string }): JSX.Element {
  const city = useCity();
  return (
    <CataloguePage kind="dispatch" title={w.dispatchRules} about={w.fromTheTopThe} rest={rest}>
      {(editing) => (city === null ? <Empty>{w.readingItemsAndDepartments}</Empty> : <Body {...editing} city={city} />)}
    </CataloguePage>
  );
}

function targetText(to: string, city: City): string {
  return to === 'item' ? w.theItemsOwnDepartment : to === 'town' ? w.theTownOfThe : (city.departments.find(({ id }) => id === to)?.name ?? to);
}

function Body({ body, change, at, version, unsaved, city }: Editing<'dispatch'> & { readonly city: City }): JSX.Element {
  const [told, setTold] = useState('');
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [moved, setMoved] = useState<string | null>(null);
  const { routes } = body;
  const wanted = query.trim().toLowerCase();
  const wordsOf = (route: Route): string => `${route.id} ${route.why} ${targetText(route.to, city)} ${conditionTexts(route, city).join(' ')}`.toLowerCase();
  const shown = routes.map((route, index) => ({ route, index })).filter(({ route }) => wanted === '' || wordsOf(route).includes(wanted));
  const put = (from: number, to: number): void => {
    const route = routes[from];
    if (change === null || route === undefined || to < 0 || to >= routes.length || from === to) return;
    const rest = routes.filter((_one, index) => index !== from);
    change({ routes: [...rest.slice(0, to), route, ...rest.slice(to)] });
    setOpen(open === from ? to : null);
    setMoved(route.id);
    setTold(w.movedToPlace(route.id, to + 1));
  };
  // The focus goes along with a rule that was moved by a key.
  useEffect(() => {
    if (moved === null) return;
    document.querySelector<HTMLElement>(`[data-rule="${moved}"]`)?.focus();
    setMoved(null);
  }, [routes]);

  return (
    <>
      <div class="find">
        <input type="search" aria-label={w.searchRules} placeholder={w.conditionDepartmentReasonId} value={query} onInput={(event) => setQuery(event.currentTarget.value)} autocomplete="off" />
        <span class="dim" role="status">
          {shown.length === routes.length ? w.rule(routes.length) : w.of(shown.length, routes.length)}
          {change === null ? '' : w.altAltOrDragging}
          {told}
        </span>
        {change === null ? null : (
          <button type="button" onClick={() => { change({ routes: [{ id: `rule-${routes.length + 1}`, when: { kinds: ['投诉'] }, to: 'item', why: '' }, ...routes] }); setOpen(0); }}>
            {w.newRule}
          </button>
        )}
      </div>
      <ol class="routes" aria-label={w.dispatchRules}>
        {shown.map(({ route, index }) => {
          const conditions = conditionTexts(route, city);
          const faults = at(`/routes/${index}`);
          return (
            <li
              key={route.id}
              class={dragged === index ? 'route dragged' : 'route'}
              draggable={change !== null && wanted === '' && open !== index}
              onDragStart={() => setDragged(index)}
              onDragEnd={() => setDragged(null)}
              onDragOver={(event) => dragged !== null && event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault();
                if (dragged !== null) put(dragged, index);
                setDragged(null);
              }}
            >
              <span class="order" aria-hidden="true">
                {index + 1}
              </span>
              <button
                type="button"
                class="thing"
                data-rule={route.id}
                aria-expanded={open === index}
                onClick={() => setOpen(open === index ? null : index)}
                onKeyDown={(event) => {
                  if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') || wanted !== '') return;
                  event.preventDefault();
                  event.stopPropagation();
                  put(index, index + (event.key === 'ArrowUp' ? -1 : 1));
                }}
              >
                <span class="line">
                  <b>{conditions.length === 0 ? w.allOtherTickets : conditions.join(w.and)}</b>
                  {faults.length === 0 ? null : <Chip tone={faults.some(({ severity }) => severity === 'error') ? 'bad' : 'warn'}>{faults.some(({ severity }) => severity === 'error') ? w.hasErrors : w.hasWarnings}</Chip>}
                </span>
                <span class="line">
                  {w.goesTo}<b>{targetText(route.to, city)}</b>
                  {route.assist === undefined || route.assist.length === 0 ? null : <span>{w.assistedBy}{route.assist.map((to) => targetText(to, city)).join(common.comma)}</span>}
                </span>
                <small>
                  {route.why} · <span class="code">{route.id}</span>
                </small>
              </button>
              {change === null ? null : (
                <span class="moves">
                  <button type="button" class="plain" aria-label={w.moveUp(route.id)} disabled={index === 0 || wanted !== ''} onClick={() => put(index, index - 1)}>
                    ↑
                  </button>
                  <button type="button" class="plain" aria-label={w.moveDown(route.id)} disabled={index === routes.length - 1 || wanted !== ''} onClick={() => put(index, index + 1)}>
                    ↓
                  </button>
                </span>
              )}
              {open !== index || change === null ? null : (
                <RouteForm route={route} city={city} faults={at} pointer={`/routes/${index}`} change={(next) => change({ routes: routes.map((one, place) => (place === index ? next : one)) })} remove={() => { change({ routes: routes.filter((_one, place) => place !== index) }); setOpen(null); }} />
              )}
            </li>
          );
        })}
      </ol>
      {shown.length === 0 ? <Empty>{w.noMatchingRules}</Empty> : null}
      <Trial version={version} unsaved={unsaved} city={city} />
      <Explain version={version} />
    </>
  );
}

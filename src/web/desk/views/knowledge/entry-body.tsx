import type { ComponentChildren, JSX } from 'preact';
import type { KnowledgeEntry, TitledEntry } from '../../../shared/api-types.ts';
import { RichText } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { MODULES } from './labels.ts';
import { ENTRY_BODY as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

/** An entry with all it says, to be read. What it does not say is left out. */
export function EntryBody({ entry, related }: { readonly entry: KnowledgeEntry; readonly related: readonly TitledEntry[] }): JSX.Element {
  const desk = useDesk();
  const catalog = desk.catalog.value;
  const department = (id: string): string => catalog?.departments.find((each) => each.id === id)?.name ?? id;
  const { conditions, source, en } = entry;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [common.id, entry.id],
    [w.module, MODULES[entry.module]],
    [common.department, [entry.department, ...(entry.alsoDepartments ?? [])].map(department).join(common.comma)],
    [w.towns, entry.towns === undefined ? w.wholeCity : entry.towns.map((id) => catalog?.towns.find((town) => town.id === id)?.name ?? id).join(common.comma)],
    [w.itemsItBelongsTo, entry.item === undefined ? undefined : (catalog?.items.find(({ code }) => code === entry.item)?.name ?? entry.item)],
    [w.forWhom, conditions?.who],
    [w.scope, conditions?.where],
    [w.fee, entry.fees],
    [w.openingHours, entry.hours],
    [w.validFrom, entry.effectiveFrom],
    [w.validTo, entry.expiresOn],
    [w.reviewOn, entry.reviewOn],
    [w.keptBy, entry.owner ?? w.allEditors],
    [common.keywords, entry.keywords?.join(common.comma)],
  ];
  return (
    <div class="entry-body">
      <Block title={w.writtenAnswer}>
        <p class="text">
          <RichText text={entry.answer} />
        </p>
      </Block>
      <Block title={w.spokenAnswer}>
        <p class="text">{entry.voice}</p>
      </Block>
      {entry.card === undefined ? null : (
        <Block title={w.card}>
          <p>
            <b>{entry.card.title}</b> {entry.card.text}
          </p>
        </Block>
      )}
      <List title={w.steps} items={entry.steps} ordered />
      <List title={w.papersNeeded} items={entry.materials} />
      {entry.places === undefined ? null : (
        <Block title={w.places}>
          <ul class="bullets">
            {entry.places.map((place) => (
              <li key={place.name}>{[place.name, place.address, place.phone, place.hours].filter((part) => part !== undefined && part !== '').join(common.clause)}</li>
            ))}
          </ul>
        </Block>
      )}
      {entry.links === undefined ? null : (
        <Block title={w.links}>
          <ul class="bullets">
            {entry.links.map((link) => (
              <li key={link.url}>
                <Outward href={link.url}>{link.title}</Outward>
              </li>
            ))}
          </ul>
        </Block>
      )}
      <Block title={w.source}>
        <p>
          {source.url === undefined ? source.title : <Outward href={source.url}>{source.title}</Outward>}
          {source.article === undefined ? null : ` ${source.article}`}
        </p>
      </Block>
      <List title={w.otherWordings(entry.wordings.length)} items={entry.wordings} />
      <Block title={w.properties}>
        <dl class="facts">
          {facts.map(([name, value]) =>
            value === undefined || value === '' ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </Block>
      {related.length === 0 ? null : (
        <Block title={w.relatedKnowledge}>
          <ul class="bullets">
            {related.map(({ id, question }) => (
              <li key={id}>
                <a href={`#/knowledge/entry/${encodeURIComponent(id)}`}>{question}</a>
              </li>
            ))}
          </ul>
        </Block>
      )}
      {en === undefined ? null : (
        <Block title={w.english}>
          <div lang="en">
            <p>
              <b>{en.question}</b>
            </p>
            <p class="text">{en.answer}</p>
          </div>
        </Block>
      )}
    </div>
  );
}

function Block({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="block">
      <h4>{title}</h4>
      {children}
    </div>
  );
}

function List({ title, items, ordered = false }: { readonly title: string; readonly items: readonly string[] | undefined; readonly ordered?: boolean }): JSX.Element | null {
  if (items === undefined || items.length === 0) return null;
  const rows = items.map((item) => <li key={item}>{item}</li>);
  return <Block title={title}>{ordered ? <ol class="numbers">{rows}</ol> : <ul class="bullets">{rows}</ul>}</Block>;
}

/** Only what is a web address becomes a link. */
function Outward({ href, children }: { readonly href: string; readonly children: ComponentChildren }): JSX.Element {
  if (!/^https?:\/\//.test(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

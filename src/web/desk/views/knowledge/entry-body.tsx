import type { ComponentChildren, JSX } from 'preact';
import type { KnowledgeEntry, TitledEntry } from '../../../shared/api-types.ts';
import { RichText } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { MODULES } from './labels.ts';

/** An entry with all it says, to be read. What it does not say is left out. */
export function EntryBody({ entry, related }: { readonly entry: KnowledgeEntry; readonly related: readonly TitledEntry[] }): JSX.Element {
  const desk = useDesk();
  const catalog = desk.catalog.value;
  const department = (id: string): string => catalog?.departments.find((each) => each.id === id)?.name ?? id;
  const { conditions, source, en } = entry;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['编号', entry.id],
    ['模块', MODULES[entry.module]],
    ['承办单位', [entry.department, ...(entry.alsoDepartments ?? [])].map(department).join('、')],
    ['适用镇街', entry.towns === undefined ? '全市' : entry.towns.map((id) => catalog?.towns.find((town) => town.id === id)?.name ?? id).join('、')],
    ['关联事项', entry.item === undefined ? undefined : (catalog?.items.find(({ code }) => code === entry.item)?.name ?? entry.item)],
    ['适用对象', conditions?.who],
    ['适用范围', conditions?.where],
    ['费用', entry.fees],
    ['办理时间', entry.hours],
    ['生效', entry.effectiveFrom],
    ['有效至', entry.expiresOn],
    ['复核日期', entry.reviewOn],
    ['维护人', entry.owner ?? '全体编辑'],
    ['关键词', entry.keywords?.join('、')],
  ];
  return (
    <div class="entry-body">
      <Block title="文字答案">
        <p class="text">
          <RichText text={entry.answer} />
        </p>
      </Block>
      <Block title="口播答案">
        <p class="text">{entry.voice}</p>
      </Block>
      {entry.card === undefined ? null : (
        <Block title="卡片">
          <p>
            <b>{entry.card.title}</b> {entry.card.text}
          </p>
        </Block>
      )}
      <List title="办理步骤" items={entry.steps} ordered />
      <List title="所需材料" items={entry.materials} />
      {entry.places === undefined ? null : (
        <Block title="办理地点">
          <ul class="bullets">
            {entry.places.map((place) => (
              <li key={place.name}>{[place.name, place.address, place.phone, place.hours].filter((part) => part !== undefined && part !== '').join('，')}</li>
            ))}
          </ul>
        </Block>
      )}
      {entry.links === undefined ? null : (
        <Block title="链接">
          <ul class="bullets">
            {entry.links.map((link) => (
              <li key={link.url}>
                <Outward href={link.url}>{link.title}</Outward>
              </li>
            ))}
          </ul>
        </Block>
      )}
      <Block title="来源">
        <p>
          {source.url === undefined ? source.title : <Outward href={source.url}>{source.title}</Outward>}
          {source.article === undefined ? null : ` ${source.article}`}
        </p>
      </Block>
      <List title={`其他问法（${entry.wordings.length}）`} items={entry.wordings} />
      <Block title="属性">
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
        <Block title="相关知识">
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
        <Block title="英文">
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

import type { ComponentChildren, JSX } from 'preact';
import type { EntryFaultView } from '../../../shared/api-types.ts';
import { Combobox } from '../../ui/combobox.tsx';
import { useDesk } from '../../ui/context.ts';
import { ChecksField, Faults, RowsField, TextField } from './fields.tsx';
import { faultsOf, LIMITS, sentencesIn, type EntryForm } from './form.ts';
import { MODULE_LIST, MODULES } from './labels.ts';

const MOST_WORDINGS = 60;

/** All fields of an entry. What is wrong is shown at its field; faults of no field at the top. */
export function EntryEditor({ form, change, faults, isNew }: { readonly form: EntryForm; readonly change: (form: EntryForm) => void; readonly faults: readonly EntryFaultView[]; readonly isNew: boolean }): JSX.Element {
  const desk = useDesk();
  const catalog = desk.catalog.value;
  const set = <Name extends keyof EntryForm>(name: Name) => (value: EntryForm[Name]): void => change({ ...form, [name]: value });
  const box = (name: keyof EntryForm & string, field: string = name) => ({ name: field, faults, value: String(form[name]), onChange: (value: string) => change({ ...form, [name]: value }) });
  const sentences = sentencesIn(form.voice);

  return (
    <div class="editor">
      <Part title="问题">
        <div class="two">
          <label class="field">
            <span>模块</span>
            <select value={form.module} onChange={(event) => change({ ...form, module: MODULE_LIST.find((one) => one === event.currentTarget.value) ?? form.module })}>
              {MODULE_LIST.map((one) => (
                <option key={one} value={one}>
                  {MODULES[one]}
                </option>
              ))}
            </select>
          </label>
          <TextField {...box('id')} label="编号" hint={isNew ? '可不填，自动生成' : '不能改'} disabled={!isNew} />
        </div>
        <TextField {...box('question')} label="标准问法" most={LIMITS.question} required />
        <RowsField label="其他问法" name="wordings" faults={faults} rows={form.wordings} fresh="" most={MOST_WORDINGS} add="添加问法" onChange={set('wordings')}>
          {(wording, put, at, addAfter) => (
            <input
              value={wording}
              aria-label={`其他问法第 ${at + 1} 项`}
              maxLength={LIMITS.wording}
              onInput={(event) => put(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || event.isComposing) return;
                event.preventDefault();
                addAfter();
              }}
            />
          )}
        </RowsField>
        <TextField {...box('keywords')} label="关键词" hint="用顿号或换行分开" rows={2} />
      </Part>

      <Part title="答案">
        <TextField {...box('answer')} label="文字答案" most={LIMITS.answer} rows={7} required />
        <TextField
          {...box('voice')}
          label="口播答案"
          hint="不超过三个短句，不含链接和列表"
          most={LIMITS.voice}
          rows={3}
          required
          note={<span class={sentences > LIMITS.voiceSentences ? 'over' : undefined}>{sentences} 句 · </span>}
        />
        <div class="two">
          <TextField {...box('who', 'conditions.who')} label="适用对象" />
          <TextField {...box('where', 'conditions.where')} label="适用范围" />
        </div>
      </Part>

      <Part title="办事" open={hasGuide(form)}>
        <TextField {...box('steps')} label="办理步骤" hint="每行一步" rows={4} />
        <TextField {...box('materials')} label="所需材料" hint="每行一项" rows={4} />
        <div class="two">
          <TextField {...box('fees')} label="费用" />
          <TextField {...box('hours')} label="办理时间" />
        </div>
        <RowsField label="办理地点" name="places" faults={faults} rows={form.places} fresh={{ name: '', address: '', phone: '', hours: '' }} most={40} add="添加地点" onChange={set('places')}>
          {(place, put, at) => (
            <div class="cells">
              <input value={place.name} placeholder="名称" aria-label={`地点 ${at + 1} 名称`} onInput={(event) => put({ ...place, name: event.currentTarget.value })} />
              <input value={place.address} placeholder="地址" aria-label={`地点 ${at + 1} 地址`} onInput={(event) => put({ ...place, address: event.currentTarget.value })} />
              <input value={place.phone} placeholder="电话" aria-label={`地点 ${at + 1} 电话`} onInput={(event) => put({ ...place, phone: event.currentTarget.value })} />
              <input value={place.hours} placeholder="时间" aria-label={`地点 ${at + 1} 时间`} onInput={(event) => put({ ...place, hours: event.currentTarget.value })} />
            </div>
          )}
        </RowsField>
      </Part>

      <Part title="图文" open={form.links.length > 0 || form.cardTitle !== ''}>
        <RowsField label="链接" name="links" faults={faults} rows={form.links} fresh={{ title: '', url: '' }} most={3} add="添加链接" onChange={set('links')}>
          {(link, put, at) => (
            <div class="cells two-cells">
              <input value={link.title} placeholder="标题" aria-label={`链接 ${at + 1} 标题`} onInput={(event) => put({ ...link, title: event.currentTarget.value })} />
              <input value={link.url} placeholder="https://" aria-label={`链接 ${at + 1} 地址`} onInput={(event) => put({ ...link, url: event.currentTarget.value })} />
            </div>
          )}
        </RowsField>
        <div class="two">
          <TextField {...box('cardTitle', 'card.title')} label="卡片标题" most={40} />
          <TextField {...box('cardText', 'card.text')} label="卡片内容" most={200} />
        </div>
      </Part>

      <Part title="来源与有效期">
        <div class="two">
          <TextField {...box('sourceTitle', 'source.title')} label="来源文件" required />
          <TextField {...box('sourceArticle', 'source.article')} label="条款" hint="如 第六条" />
        </div>
        <TextField {...box('sourceUrl', 'source.url')} label="来源链接" hint="https:// 开头" />
        <div class="three">
          <TextField {...box('effectiveFrom')} label="生效日期" type="date" required />
          <TextField {...box('expiresOn')} label="失效日期" type="date" />
          <TextField {...box('reviewOn')} label="复核日期" type="date" />
        </div>
      </Part>

      <Part title="归属与范围">
        <div class="two">
          <div class="field">
            <span>
              承办单位<i aria-hidden="true"> *</i>
            </span>
            <Combobox label="承办单位" options={(catalog?.departments ?? []).map(({ id, name }) => ({ value: id, label: name, note: id }))} value={form.department} onChange={set('department')} placeholder="输入名称筛选" />
            <Faults list={faultsOf(faults, 'department')} />
          </div>
          <div class="field">
            <span>关联事项</span>
            <Combobox label="关联事项" options={(catalog?.items ?? []).map(({ code, name, field }) => ({ value: code, label: name, note: field, keywords: code }))} value={form.item} onChange={set('item')} placeholder="输入名称筛选" />
            <Faults list={faultsOf(faults, 'item')} />
          </div>
        </div>
        <div class="two">
          <TextField {...box('owner')} label="维护人" hint="用户名，空为全体编辑" />
          <label class="field">
            <span>公开范围</span>
            <select value={form.audience} onChange={(event) => change({ ...form, audience: event.currentTarget.value === 'desk' ? 'desk' : 'public' })}>
              <option value="public">公开，可答复市民</option>
              <option value="desk">仅内部，只给坐席看</option>
            </select>
          </label>
        </div>
        <ChecksField label="其他承办单位" name="alsoDepartments" faults={faults} hint="无" options={catalog?.departments ?? []} value={form.alsoDepartments} onChange={set('alsoDepartments')} />
        <ChecksField label="适用镇街" name="towns" faults={faults} hint="全市" options={catalog?.towns ?? []} value={form.towns} onChange={set('towns')} />
        <TextField {...box('related')} label="相关知识" hint="每行一个编号" rows={2} />
      </Part>

      <Part title="英文" open={form.enQuestion !== ''}>
        <TextField {...box('enQuestion', 'en.question')} label="English question" most={160} />
        <TextField {...box('enWordings', 'en.wordings')} label="Other wordings" hint="one a line" rows={2} />
        <TextField {...box('enAnswer', 'en.answer')} label="English answer" most={LIMITS.enAnswer} rows={4} />
        <TextField {...box('enVoice', 'en.voice')} label="Spoken" most={320} rows={2} />
      </Part>
    </div>
  );
}

function Part({ title, open = true, children }: { readonly title: string; readonly open?: boolean; readonly children: ComponentChildren }): JSX.Element {
  return (
    <details class="part" open={open}>
      <summary>
        <h3>{title}</h3>
      </summary>
      <div class="form">{children}</div>
    </details>
  );
}

function hasGuide({ module, steps, materials, fees, hours, places }: EntryForm): boolean {
  return module === 'guides' || `${steps}${materials}${fees}${hours}` !== '' || places.length > 0;
}

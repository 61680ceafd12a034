import type { ComponentChildren, JSX } from 'preact';
import type { EntryFaultView } from '../../../shared/api-types.ts';
import { Combobox } from '../../ui/combobox.tsx';
import { useDesk } from '../../ui/context.ts';
import { ChecksField, Faults, RowsField, TextField } from './fields.tsx';
import { faultsOf, LIMITS, sentencesIn, type EntryForm } from './form.ts';
import { MODULE_LIST, MODULES } from './labels.ts';
import { EDITOR as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

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
      <Part title={w.question}>
        <div class="two">
          <label class="field">
            <span>{w.module}</span>
            <select value={form.module} onChange={(event) => change({ ...form, module: MODULE_LIST.find((one) => one === event.currentTarget.value) ?? form.module })}>
              {MODULE_LIST.map((one) => (
                <option key={one} value={one}>
                  {MODULES[one]}
                </option>
              ))}
            </select>
          </label>
          <TextField {...box('id')} label={common.id} hint={isNew ? w.optionalMadeByItself : w.cannotBeChanged} disabled={!isNew} />
        </div>
        <TextField {...box('question')} label={w.questionAsAsked} most={LIMITS.question} required />
        <RowsField label={w.otherWordings} name="wordings" faults={faults} rows={form.wordings} fresh="" most={MOST_WORDINGS} add={w.addAWording} onChange={set('wordings')}>
          {(wording, put, at, addAfter) => (
            <input
              value={wording}
              aria-label={w.otherWording(at + 1)}
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
        <TextField {...box('keywords')} label={common.keywords} hint={w.separateWithOrLine} rows={2} />
      </Part>

      <Part title={w.answer}>
        <TextField {...box('answer')} label={w.writtenAnswer} most={LIMITS.answer} rows={7} required />
        <TextField
          {...box('voice')}
          label={w.spokenAnswer}
          hint={w.atMostThreeShort}
          most={LIMITS.voice}
          rows={3}
          required
          note={<span class={sentences > LIMITS.voiceSentences ? 'over' : undefined}>{w.sentence(sentences)}</span>}
        />
        <div class="two">
          <TextField {...box('who', 'conditions.who')} label={w.forWhom} />
          <TextField {...box('where', 'conditions.where')} label={w.scope} />
        </div>
      </Part>

      <Part title={w.howItIsDone} open={hasGuide(form)}>
        <TextField {...box('steps')} label={w.steps} hint={w.oneStepALine} rows={4} />
        <TextField {...box('materials')} label={w.papersNeeded} hint={w.oneALine} rows={4} />
        <div class="two">
          <TextField {...box('fees')} label={w.fee} />
          <TextField {...box('hours')} label={w.openingHours} />
        </div>
        <RowsField label={w.places} name="places" faults={faults} rows={form.places} fresh={{ name: '', address: '', phone: '', hours: '' }} most={40} add={w.addAPlace} onChange={set('places')}>
          {(place, put, at) => (
            <div class="cells">
              <input value={place.name} placeholder={common.name} aria-label={w.nameOfPlace(at + 1)} onInput={(event) => put({ ...place, name: event.currentTarget.value })} />
              <input value={place.address} placeholder={w.address} aria-label={w.addressOfPlace(at + 1)} onInput={(event) => put({ ...place, address: event.currentTarget.value })} />
              <input value={place.phone} placeholder={w.phone} aria-label={w.phoneOfPlace(at + 1)} onInput={(event) => put({ ...place, phone: event.currentTarget.value })} />
              <input value={place.hours} placeholder={common.time} aria-label={w.hoursOfPlace(at + 1)} onInput={(event) => put({ ...place, hours: event.currentTarget.value })} />
            </div>
          )}
        </RowsField>
      </Part>

      <Part title={w.picturesAndLinks} open={form.links.length > 0 || form.cardTitle !== ''}>
        <RowsField label={w.links} name="links" faults={faults} rows={form.links} fresh={{ title: '', url: '' }} most={3} add={w.addALink} onChange={set('links')}>
          {(link, put, at) => (
            <div class="cells two-cells">
              <input value={link.title} placeholder={common.title} aria-label={w.titleOfLink(at + 1)} onInput={(event) => put({ ...link, title: event.currentTarget.value })} />
              <input value={link.url} placeholder="https://" aria-label={w.addressOfLink(at + 1)} onInput={(event) => put({ ...link, url: event.currentTarget.value })} />
            </div>
          )}
        </RowsField>
        <div class="two">
          <TextField {...box('cardTitle', 'card.title')} label={w.cardTitle} most={40} />
          <TextField {...box('cardText', 'card.text')} label={w.cardText} most={200} />
        </div>
      </Part>

      <Part title={w.sourceAndValidity}>
        <div class="two">
          <TextField {...box('sourceTitle', 'source.title')} label={w.sourceDocument} required />
          <TextField {...box('sourceArticle', 'source.article')} label={w.clause} hint={w.suchAs} />
        </div>
        <TextField {...box('sourceUrl', 'source.url')} label={w.linkToTheSource} hint={w.beginsWithHttps} />
        <div class="three">
          <TextField {...box('effectiveFrom')} label={w.validFrom} type="date" required />
          <TextField {...box('expiresOn')} label={w.validUntil} type="date" />
          <TextField {...box('reviewOn')} label={w.reviewOn} type="date" />
        </div>
      </Part>

      <Part title={w.belongingAndScope}>
        <div class="two">
          <div class="field">
            <span>
              {common.department}<i aria-hidden="true"> *</i>
            </span>
            <Combobox label={common.department} options={(catalog?.departments ?? []).map(({ id, name }) => ({ value: id, label: name, note: id }))} value={form.department} onChange={set('department')} placeholder={w.typeANameTo} />
            <Faults list={faultsOf(faults, 'department')} />
          </div>
          <div class="field">
            <span>{w.itemsItBelongsTo}</span>
            <Combobox label={w.itemsItBelongsTo} options={(catalog?.items ?? []).map(({ code, name, field }) => ({ value: code, label: name, note: field, keywords: code }))} value={form.item} onChange={set('item')} placeholder={w.typeANameTo} />
            <Faults list={faultsOf(faults, 'item')} />
          </div>
        </div>
        <div class="two">
          <TextField {...box('owner')} label={w.keptBy} hint={w.userNameEmptyAll} />
          <label class="field">
            <span>{w.openTo}</span>
            <select value={form.audience} onChange={(event) => change({ ...form, audience: event.currentTarget.value === 'desk' ? 'desk' : 'public' })}>
              <option value="public">{w.publicMayBeAnswered}</option>
              <option value="desk">{w.internalForSeatsOnly}</option>
            </select>
          </label>
        </div>
        <ChecksField label={w.otherDepartments} name="alsoDepartments" faults={faults} hint={w.none} options={catalog?.departments ?? []} value={form.alsoDepartments} onChange={set('alsoDepartments')} />
        <ChecksField label={w.towns} name="towns" faults={faults} hint={w.wholeCity} options={catalog?.towns ?? []} value={form.towns} onChange={set('towns')} />
        <TextField {...box('related')} label={w.relatedKnowledge} hint={w.oneIdALine} rows={2} />
      </Part>

      <Part title={w.english} open={form.enQuestion !== ''}>
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

import { createDraftWriter } from '../assist/draft.ts';
import { loadAssistRules } from '../assist/rules.ts';
import type { CityData } from '../config/city.ts';
import type { Settings } from '../config/settings.ts';
import type { AssistDesk } from '../http/zones/desk/assist.ts';
import type { Log } from '../intake/context.ts';

export interface AssistGiven {
  readonly root: string;
  readonly settings: Pick<Settings, 'ASSIST_LLM_URL' | 'ASSIST_LLM_KEY' | 'ASSIST_LLM_MODEL'>;
  /** Of the files. Rules may name the items of either catalogue: the file's, or the published one's. */
  readonly files: Pick<CityData, 'items' | 'itemGroups'>;
  readonly city: Pick<CityData, 'items' | 'itemGroups'>;
  readonly log: Pick<Log, 'warn'>;
}

/** @throws AppError `config.invalid` with every fault of config/assist.yaml */
export function openAssist({ root, settings, files, city, log }: AssistGiven): AssistDesk {
  const known = { items: [...files.items, ...city.items], itemGroups: [...files.itemGroups, ...city.itemGroups] };
  const endpoint = { url: settings.ASSIST_LLM_URL, key: settings.ASSIST_LLM_KEY, model: settings.ASSIST_LLM_MODEL };
  return { rules: loadAssistRules(root, known), draft: endpoint.url === '' ? null : createDraftWriter({ endpoint, log }) };
}

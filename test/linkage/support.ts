import { fileURLToPath } from 'node:url';
import type { ExchangeRecord } from '../../src/linkage/record.ts';
import { loadLinkage, type Profile } from '../../src/linkage/profile.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const shipped = loadLinkage(ROOT);

export function profileOf(id: string, over: Partial<Profile> = {}): Profile {
  const profile = shipped.profiles.find((one) => one.id === id);
  if (profile === undefined) throw new Error(`config/linkage.yaml has no ${id}`);
  return { ...profile, ...over };
}

export function aRecord(over: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    format: 'yihu-exchange-1', profile: 'renminwang', kind: 'dispatch', version: 1, sentAt: '2026-11-23T09:00:00+08:00', identity: { externalNo: 'RM-1' },
    citizen: { name: '王小明', phone: '13800138000' }, demand: { type: '投诉', title: '半夜施工', content: '东城大道半夜施工，电话13800138000', areaCode: '441900003', address: '东城大道 1 号' }, ...over,
  };
}

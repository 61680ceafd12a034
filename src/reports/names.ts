import type { CityData } from '../config/city.ts';

/** Names as people know them; a code that is no longer in the catalogue stays readable as a code. */
export interface Names {
  item(code: string): string;
  field(itemCode: string): string;
  town(id: string): string;
  department(id: string): string;
  channel(name: string): string;
}

const CHANNELS: Readonly<Record<string, string>> = { phone: '电话', 'ivr-twilio': '电话', 'ivr-jambonz': '电话', webchat: '网页', 'wechat-miniprogram': '微信小程序', 'wechat-official': '公众号', wechat: '微信', wechaty: '微信', botframework: 'Bot Framework', open311: '合作平台', desk: '坐席登记', dingtalk: '钉钉' };

export const NO_ITEM = '未定事项';
export const NO_FIELD = '未分领域';
export const NO_TOWN = '未填镇街';
export const NO_DEPARTMENT = '未派单位';

export function createNames({ items, itemGroups, towns, departments }: Pick<CityData, 'items' | 'itemGroups' | 'towns' | 'departments'>): Names {
  const itemNames = new Map([...itemGroups, ...items].map(({ code, name }): [string, string] => [code, name]));
  const fields = new Map(items.map(({ code, field }): [string, string] => [code, field]));
  const townNames = new Map(towns.map(({ id, short }): [string, string] => [id, short]));
  const departmentNames = new Map(departments.map(({ id, short }): [string, string] => [id, short]));
  return {
    item: (code) => (code === '' ? NO_ITEM : (itemNames.get(code) ?? code)),
    field: (code) => fields.get(code) ?? NO_FIELD,
    town: (id) => (id === '' ? NO_TOWN : (townNames.get(id) ?? id)),
    // A town's government leads too, and has the town's name.
    department: (id) => (id === '' ? NO_DEPARTMENT : (departmentNames.get(id) ?? townNames.get(id) ?? townNames.get(id.replace(/^town-/, '')) ?? id)),
    channel: (name) => CHANNELS[name] ?? name,
  };
}

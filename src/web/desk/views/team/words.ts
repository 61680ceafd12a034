import { words, type Said } from '../../language.ts';

export const TEAM_PAGE = words({
  noSkillGroupsAre: { zh: '没有配置技能组', en: 'No skill groups are set up' },
  waiting: { zh: '等待 ', en: 'Waiting ' },
  longest: { zh: (now: Said) => `，最久 ${now}`, en: (now: Said) => `, longest ${now}` },
  onlineFree: { zh: (seatsOnline: Said, seatsFree: Said) => `在线 ${seatsOnline}，空闲 ${seatsFree}`, en: (seatsOnline: Said, seatsFree: Said) => `${seatsOnline} online, ${seatsFree} free` },
  seats: { zh: (seats: Said) => `坐席（${seats}）`, en: (seats: Said) => `Seats (${seats})` },
  name: { zh: '姓名', en: 'Name' },
  for: { zh: '已持续', en: 'For' },
  has: { zh: '在办', en: 'Has' },
  full: { zh: '已满', en: 'full' },
  conversationsGoingOn: { zh: (shown: Said) => `进行中的会话（${shown}）`, en: (shown: Said) => `Conversations going on (${shown})` },
  noConversationsGoingOn: { zh: '没有进行中的会话', en: 'No conversations going on' },
  emergency: { zh: (category: Said) => `紧急 ${category}`, en: (category: Said) => `Emergency ${category}` },
  unread: { zh: (unread: Said) => `${unread} 条未读`, en: (unread: Said) => `${unread} unread` },
  silentFor: { zh: (now: Said) => `静默 ${now}`, en: (now: Said) => `silent for ${now}` },
  stopListening: { zh: '停止监听', en: 'Stop listening' },
  listen: { zh: '监听', en: 'Listen' },
});

import { plural, words, type Said } from '../../language.ts';

export const INSPECTION_STATES_WORDS = words({
  automatic: { zh: '自动评分', en: 'Scored by rules' },
  sampled: { zh: '待复核', en: 'Review due' },
  told: { zh: '已告知坐席', en: 'Seat told' },
  appealed: { zh: '申诉中', en: 'Appealed' },
  final: { zh: '已定', en: 'Final' },
});

export const MOVES_WORDS = words({
  sample: { zh: '抽检', en: 'Sample' },
  judge: { zh: '复核', en: 'Judge' },
  accept: { zh: '认可', en: 'Accept' },
  appeal: { zh: '申诉', en: 'Appeals' },
  rejudge: { zh: '裁定', en: 'Decide' },
});

export const REASONS_WORDS = words({
  share: { zh: '按比例抽中', en: 'Drawn by share' },
  fatal: { zh: '有致命项', en: 'With fatal findings' },
  below: { zh: '得分低', en: 'Low score' },
  dissatisfied: { zh: '市民不满意', en: 'Citizen dissatisfied' },
  'new-seat': { zh: '新坐席', en: 'New seat' },
  'by-hand': { zh: '人工抽检', en: 'Chosen by a person' },
});

export const SEVERITIES_WORDS = words({
  minor: { zh: '一般', en: 'Normal' },
  major: { zh: '严重', en: 'Major' },
  fatal: { zh: '致命', en: 'Fatal' },
});

export const VERDICTS_WORDS = words({
  automatic: { zh: '规则判定', en: 'By rule' },
  confirmed: { zh: '复核成立', en: 'Upheld' },
  dropped: { zh: '复核不成立', en: 'Not upheld' },
  added: { zh: '复核补充', en: 'Added' },
});

export const FIGURES_VIEW = words({
  qualityFigures: { zh: '质检统计', en: 'Quality figures' },
  myQualityFigures: { zh: '我的质检统计', en: 'My quality figures' },
  lastDay: { zh: (count: Said) => `近 ${count} 天`, en: (count: Said) => `Last ${count} ${plural(count, 'day', 'days')}` },
  servicesInspected: { zh: '质检服务', en: 'Services inspected' },
  averageScore: { zh: '平均得分', en: 'Average score' },
  withFatalFindings: { zh: '有致命项', en: 'With fatal findings' },
  judgedByAPerson: { zh: '人工复核', en: 'Judged by a person' },
  appeals: { zh: '申诉', en: 'Appeals' },
  changedByJudgement: { zh: '复核后改分', en: 'Changed by judgement' },
  byRule: { zh: '按规则', en: 'By rule' },
  noFindings: { zh: '没有扣分项', en: 'No findings' },
  findings: { zh: '扣分次数', en: 'Findings' },
  upheld: { zh: '复核成立率', en: 'Upheld' },
  time: { zh: (ruleName: Said, findings: Said) => `${ruleName} ${findings} 次`, en: (ruleName: Said, findings: Said) => `${ruleName} ${findings} ${plural(findings, 'time', 'times')}` },
  bySeat: { zh: '按坐席', en: 'By seat' },
  bySeatLowestAverage: { zh: '按坐席（平均分低的在前）', en: 'By seat (lowest average first)' },
  quality: { zh: '质检', en: 'Quality' },
  average: { zh: '平均分', en: 'Average' },
  fatal: { zh: '致命', en: 'Fatal' },
  findings2: { zh: '扣分项', en: 'Findings' },
});

export const FINDINGS_LIST = words({
  findings: { zh: '扣分项', en: 'Findings' },
  findings2: { zh: '扣分项（', en: 'Findings ( ' },
  bracketEnd: { zh: '）', en: ')' },
  noFindings: { zh: '没有扣分项', en: 'No findings' },
  nothingTakenOff: { zh: '不扣分', en: 'nothing taken off' },
});

export const INSPECTION_DETAIL = words({
  backToTheList: { zh: '返回清单', en: 'Back to the list' },
  score: { zh: (score: Said) => `得分 ${score}`, en: (score: Said) => `Score ${score}` },
  toRules: { zh: (channel: Said, startedAt: Said, endedAt: Said, rulesVersion: Said) => `${channel} · ${startedAt} 至 ${endedAt} · 规则 ${rulesVersion} · `, en: (channel: Said, startedAt: Said, endedAt: Said, rulesVersion: Said) => `${channel} · ${startedAt} to ${endedAt} · rules ${rulesVersion} · ` },
  openTheConversation: { zh: '打开会话', en: 'Open the conversation' },
  withFatalFindings: { zh: '有致命项', en: 'With fatal findings' },
  byTheRules: { zh: (automaticScore: Said) => `规则评 ${automaticScore} 分`, en: (automaticScore: Said) => `${automaticScore} by the rules` },
  toBeDecidedBy: { zh: '由另一位质检员裁定', en: 'To be decided by another inspector' },
  appealUntil: { zh: (appealBy: Said) => `${appealBy} 前可申诉`, en: (appealBy: Said) => `Appeal until ${appealBy}` },
  reviewOn: { zh: (inspectorName: Said) => `${inspectorName} 复核`, en: (inspectorName: Said) => `Review on ${inspectorName}` },
  anInspector: { zh: '质检员', en: 'an inspector' },
  appealBy: { zh: (seatName: Said) => `${seatName} 申诉`, en: (seatName: Said) => `Appeal by ${seatName}` },
  decisionBy: { zh: (rejudgedByName: Said) => `${rejudgedByName} 裁定`, en: (rejudgedByName: Said) => `Decision by ${rejudgedByName}` },
  whatWasDone: { zh: '处理经过', en: 'What was done' },
});

export const INSPECTIONS_VIEW = words({
  inspections: { zh: '质检清单', en: 'Inspections' },
  allRules: { zh: '全部规则', en: 'All rules' },
  score: { zh: '得分', en: 'Score' },
  allScores: { zh: '全部得分', en: 'All scores' },
  andBelow: { zh: (score: Said) => `${score} 分及以下`, en: (score: Said) => `${score} and below` },
  lastDay: { zh: (count: Said) => `近 ${count} 天`, en: (count: Said) => `Last ${count} ${plural(count, 'day', 'days')}` },
  allSeats: { zh: '全部坐席', en: 'All seats' },
  allSkillGroups: { zh: '全部技能组', en: 'All skill groups' },
  noMatchingInspectionsA: { zh: '没有符合条件的质检。人工服务结束约十分钟后自动质检', en: 'No matching inspections. A service is inspected by itself some ten minutes after its end' },
  earlierOnes: { zh: '更早的', en: 'Earlier ones' },
  inspection: { zh: '质检详情', en: 'Inspection' },
  chooseOneOnThe: { zh: '从左边选一条。按 J、K 逐条看', en: 'Choose one on the left. J and K go through the list' },
});

export const JUDGE_FORM = words({
  anAddedFindingNeeds: { zh: '补充的扣分项要选哪一句，并写明原因', en: 'An added finding needs a sentence and a reason' },
  text: { zh: (move: Said, seatName: Said, score: Said) => `${move} · ${seatName} ${score} 分`, en: (move: Said, seatName: Said, score: Said) => `${move} · ${seatName} ${score}` },
  itIsListedFor: { zh: '列入待复核，由质检员复核后告知坐席。', en: 'It is listed for judgement, and the seat is told afterwards.' },
  acceptsThisResultThere: { zh: '认可这个结果，之后不能再申诉。', en: 'Accepts this result; there is no appeal afterwards.' },
  tickedFindingsAreUpheld: { zh: '打勾的扣分项成立', en: 'Ticked findings are upheld' },
  theRulesFoundNothing: { zh: '规则没有扣分项。', en: 'The rules found nothing.' },
  addAFindingOptional: { zh: '补充扣分项（可不填）', en: 'Add a finding (optional)' },
  ruleToAdd: { zh: '补充的规则', en: 'Rule to add' },
  none: { zh: '不补充', en: 'None' },
  whichSentence: { zh: '哪一句', en: 'Which sentence' },
  chooseASentenceOf: { zh: '选坐席的一句话', en: 'Choose a sentence of the seat' },
  reasonForAdding: { zh: '补充的原因', en: 'Reason for adding' },
  whyPointsAreTaken: { zh: '为什么扣分', en: 'Why points are taken off' },
  reasonForTheAppeal: { zh: '申诉理由', en: 'Reason for the appeal' },
  decision: { zh: '裁定意见', en: 'Decision' },
  comment: { zh: '复核意见', en: 'Comment' },
  optionalTheSeatSees: { zh: '可不填，坐席看得到', en: 'Optional, the seat sees it' },
});

export const MARKED_TRANSCRIPT = words({
  transcript: { zh: '会话记录', en: 'Transcript' },
  attachment: { zh: '[附件]', en: '[attachment]' },
  seatJoins: { zh: '（坐席接入）', en: ' (seat joins)' },
  askedForAPerson: { zh: '（转人工）', en: ' (asked for a person)' },
  serviceByASeat: { zh: '（人工服务结束）', en: ' (service by a seat ends)' },
  conversationEnds: { zh: '（会话结束）', en: ' (conversation ends)' },
  finding: { zh: (number: Said, ruleName: Said) => `扣分项 ${number} ${ruleName}`, en: (number: Said, ruleName: Said) => `Finding ${number} ${ruleName}` },
});

export const QUALITY_PAGE = words({
  list: { zh: '清单', en: 'List' },
  figures: { zh: '统计', en: 'Figures' },
  quality: { zh: '质检', en: 'Quality' },
});

export const RULES_VIEW = words({
  qualityRules: { zh: '质检规则', en: 'Quality rules' },
  qualityRules2: { zh: (version: Said) => `质检规则（${version}）`, en: (version: Said) => `Quality rules (${version})` },
  n100PointsLessWhat: { zh: (fatalAtMost: Said, appealWorkdays: Said) => `满分 100 分，按项扣分；有致命项的最高 ${fatalAtMost} 分。收到复核结果后 ${appealWorkdays} 个工作日内可以申诉，由另一位质检员裁定。规则写在 config/quality.yaml 里。`, en: (fatalAtMost: Said, appealWorkdays: Said) => `100 points less what the findings take off; with a fatal finding at most ${fatalAtMost}. A judgement can be appealed against within ${appealWorkdays} working ${plural(appealWorkdays, 'day', 'days')}; another inspector decides. The rules stand in config/quality.yaml.` },
  whatIsAsked: { zh: '要求', en: 'What is asked' },
  severity: { zh: '级别', en: 'Severity' },
  pointsEach: { zh: '每次扣分', en: 'Points each' },
  where: { zh: '范围', en: 'Where' },
  atMost: { zh: (most: Said) => `，最多 ${most}`, en: (most: Said) => `, at most ${most}` },
  all: { zh: '全部', en: 'All' },
  voice: { zh: '语音', en: 'Voice' },
  text: { zh: '文字', en: 'Text' },
  sampling: { zh: '抽样', en: 'Sampling' },
  samplingForJudgement: { zh: '抽样复核', en: 'Sampling for judgement' },
  usuallyOfSeatsHere: { zh: (share: Said, days: Said, share2: Said) => `平常抽 ${share}，入职 ${days} 天内的坐席抽 ${share2}`, en: (share: Said, days: Said, share2: Said) => `${share} usually, ${share2} of seats here for less than ${days} days` },
  allBelowPoints: { zh: (below: Said) => `低于 ${below} 分的全部复核`, en: (below: Said) => `All below ${below} points` },
  allWithFatalFindings: { zh: '有致命项的全部复核', en: 'All with fatal findings' },
  allWhoseCitizenWas: { zh: '市民对办理结果不满意的全部复核', en: 'All whose citizen was dissatisfied with the result' },
  versionsOfTheRules: { zh: '规则版本', en: 'Versions of the rules' },
  versions: { zh: '版本', en: 'Versions' },
  theRulesAreKept: { zh: '第一次质检后这里会记下当时的规则', en: 'The rules are kept here from the first inspection on' },
  since: { zh: (since: Said, what: Said) => `${since} 起${what}`, en: (since: Said, what: Said) => `since ${since}${what}` },
  inUse: { zh: '，现行', en: ', in use' },
  rules: { zh: (version: Said) => `规则 ${version}`, en: (version: Said) => `Rules ${version}` },
});

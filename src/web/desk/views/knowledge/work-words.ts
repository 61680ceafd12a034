import { plural, words, type Said } from '../../language.ts';

export const DECISIONS_WORDS = words({
  answer: { zh: '直接回答', en: 'Answered' },
  choices: { zh: '给出选项', en: 'Choices given' },
  clarify: { zh: '追问', en: 'Asked back' },
  abstain: { zh: '不回答', en: 'Not answered' },
});

export const OUTCOMES_WORDS = words({
  checked: { zh: '检查完毕，尚未写入', en: 'Checked, nothing written yet' },
  refused: { zh: '有行被拒绝，什么都没有写入', en: 'Rows were refused, nothing was written' },
  handed_in: { zh: '已送审', en: 'Sent for review' },
  published: { zh: '已发布', en: 'Published' },
});

export const STATES_WORDS = words({
  open: { zh: '待处理', en: 'Open' },
  drafted: { zh: '已起草', en: 'Drafted' },
  added: { zh: '已补问法', en: 'Wording added' },
  dismissed: { zh: '不处理', en: 'Set aside' },
});

export const TITLES_WORDS = words({
  return: { zh: '退回修改', en: 'Return for changes' },
  approve: { zh: '审核通过', en: 'Approve' },
  drop: { zh: '作废这一版', en: 'Drop this version' },
  publish: { zh: '发布', en: 'Publish' },
  'roll-back': { zh: '回滚到这一版', en: 'Go back to this version' },
});

export const EFFECT = words({
  better: { zh: '变好', en: 'Better' },
  worse: { zh: '变差', en: 'Worse' },
  different: { zh: '不同', en: 'Different' },
  whatPublishingChanges: { zh: '发布的影响', en: 'What publishing changes' },
  measuring: { zh: '正在评测', en: 'Measuring' },
  tryWithTheEvaluation: { zh: '用评测集试一试', en: 'Try with the evaluation set' },
  firstAnswerRight: { zh: '首位命中率', en: 'First answer right' },
  wrongAnswers: { zh: '答错', en: 'Wrong answers' },
  answered: { zh: '直接回答', en: 'Answered' },
  rightlyRefused: { zh: '正确拒答', en: 'Rightly refused' },
  answerableQuestionToRefuse: { zh: (answerable: Said, unanswerable: Said) => `${answerable} 个可答问题，${unanswerable} 个应拒答`, en: (answerable: Said, unanswerable: Said) => `${answerable} answerable ${plural(answerable, 'question', 'questions')}, ${unanswerable} to refuse` },
  now: { zh: '现在', en: 'Now' },
  oncePublished: { zh: '发布后', en: 'Once published' },
  noQuestionWouldBe: { zh: '没有问题的结果会改变', en: 'No question would be answered differently' },
});

export const FILES_PAGE = words({
  same: { zh: '相同', en: 'Same' },
  refused: { zh: '拒绝', en: 'Refused' },
  export: { zh: '导出', en: 'Export' },
  moduleToExport: { zh: '导出的模块', en: 'Module to export' },
  allModules: { zh: '全部模块', en: 'All modules' },
  publishedKnowledgeAfterChanges: { zh: '已发布的知识；改过之后可以原样导入，编号相同的更新，没有编号的新增。', en: 'Published knowledge. After changes it can be imported as it is: same ids are updated, rows without an id are added.' },
  import: { zh: '导入', en: 'Import' },
  chooseAKnowledgeFile: { zh: '选择知识文件', en: 'Choose a knowledge file' },
  chooseAFile: { zh: '选择文件', en: 'Choose a file' },
  xlsxCsvOrJsonl: { zh: 'XLSX、CSV 或 JSONL，先检查再写入', en: 'XLSX, CSV or JSONL; checked before anything is written' },
  workingOn: { zh: '正在处理 ', en: 'Working on ' },
  working: { zh: '正在处理', en: 'Working' },
  newChangedSameRefused: { zh: (outcome: Said, newText: Said, changed: Said, same: Said, refused: Said, what: Said) => `${outcome}：新增 ${newText}，修改 ${changed}，相同 ${same}，拒绝 ${refused}${what}`, en: (outcome: Said, newText: Said, changed: Said, same: Said, refused: Said, what: Said) => `${outcome}: ${newText} new, ${changed} changed, ${same} same, ${refused} refused${what}` },
  written: { zh: (written: Said) => `；写入 ${written} 条`, en: (written: Said) => `; ${written} written` },
  leaveRefusedRowsOut: { zh: '跳过被拒绝的行', en: 'Leave refused rows out' },
  publishWithoutReview: { zh: '不经审核直接发布', en: 'Publish without review' },
  publishEntry: { zh: (todo: Said) => `发布 ${todo} 条`, en: (todo: Said) => `Publish ${todo} ${plural(todo, 'entry', 'entries')}` },
  sendEntryForReview: { zh: (todo: Said) => `送审 ${todo} 条`, en: (todo: Said) => `Send ${todo} ${plural(todo, 'entry', 'entries')} for review` },
  noKnowledgeInThe: { zh: '文件里没有知识', en: 'No knowledge in the file' },
  row: { zh: '行', en: 'Row' },
  reason: { zh: '原因', en: 'Reason' },
  onlyTheFirstRows: { zh: (most: Said) => `只列出前 ${most} 行，被拒绝的在前`, en: (most: Said) => `Only the first ${most} rows, refused ones first` },
});

export const GAPS_PAGE = words({
  gaps: { zh: '缺口', en: 'Gaps' },
  gatherNow: { zh: '立即归集', en: 'Gather now' },
  questionsOfCitizensThat: { zh: '市民问了而没有答好的问题，按意思归在一起。选中一行后按 D 起草、W 补问法、X 不处理。', en: 'Questions of citizens that were not answered well, gathered by meaning. Choose a row, then D drafts, W adds a wording, X sets it aside.' },
  noOpenGaps: { zh: '没有待处理的缺口', en: 'No open gaps' },
  none: { zh: '没有', en: 'None' },
  time: { zh: (title: Said, count: Said) => `${title}，${count} 次`, en: (title: Said, count: Said) => `${title}, ${count} ${plural(count, 'time', 'times')}` },
  time2: { zh: (count: Said) => `${count} 次`, en: (count: Said) => `${count} ${plural(count, 'time', 'times')}` },
  notHelped: { zh: (unhelpful: Said) => `没帮上 ${unhelpful}`, en: (unhelpful: Said) => `${unhelpful} not helped` },
  closest: { zh: '最接近：', en: 'Closest: ' },
  percentInBrackets: { zh: (score: Said) => `（${score}%）`, en: (score: Said) => ` (${score}%)` },
  draft: { zh: '起草 ', en: 'Draft ' },
  addWording: { zh: '补问法 ', en: 'Add wording ' },
  setAside: { zh: '不处理 ', en: 'Set aside ' },
  pleaseChooseAnEntry: { zh: '请选择一条知识', en: 'Please choose an entry' },
  addAWording: { zh: '补问法', en: 'Add a wording' },
  draft2: { zh: '起草', en: 'Draft' },
  wording: { zh: '问法', en: 'Wording' },
  whichEntryItBelongs: { zh: '加到哪条知识', en: 'Which entry it belongs to' },
  charactersPinyinOrInitials: { zh: '汉字、拼音或首字母', en: 'Characters, pinyin or initials' },
  knowledge: { zh: '知识', en: 'Knowledge' },
});

export const LINT_PANEL = words({
  error: { zh: '错误', en: 'Error' },
  warning: { zh: '警告', en: 'Warning' },
  hint: { zh: '提示', en: 'Hint' },
  nothingNewFound: { zh: '没有新的发现', en: 'Nothing new found' },
  taskMade: { zh: (added: Said) => `已建立 ${added} 项任务`, en: (added: Said) => `${added} ${plural(added, 'task', 'tasks')} made` },
  check: { zh: '检查', en: 'Check' },
  checkAllKnowledge: { zh: '检查全部知识', en: 'Check all knowledge' },
  makeTasksOfErrors: { zh: '把错误和警告列为任务', en: 'Make tasks of errors and warnings' },
  contradictingAnswersSourcesGone: { zh: '互相矛盾的答案、失效的来源、过长的口播、个人信息', en: 'Contradicting answers, sources gone, spoken answers too long, personal data' },
  entryErrorWarningHint: { zh: (entries: Said, error: Said, warning: Said, hint: Said) => `${entries} 条知识：${error} 处错误，${warning} 处警告，${hint} 条提示`, en: (entries: Said, error: Said, warning: Said, hint: Said) => `${entries} ${plural(entries, 'entry', 'entries')}: ${error} ${plural(error, 'error', 'errors')}, ${warning} ${plural(warning, 'warning', 'warnings')}, ${hint} ${plural(hint, 'hint', 'hints')}` },
});

export const NOTE_DIALOG = words({
  passedOnToThe: { zh: '已转给知识编辑', en: 'Passed on to the editors' },
  feedbackOnThisEntry: { zh: '反馈这条知识', en: 'Feedback on this entry' },
  send: { zh: '提交', en: 'Send' },
  question: { zh: '问题', en: 'Question' },
  pleaseNoPersonalData: { zh: '请勿填写市民个人信息', en: 'Please no personal data of citizens' },
});

export const REVIEW_ACTIONS = words({
  drop: { zh: '作废', en: 'Drop' },
  return: { zh: '退回', en: 'Return' },
  approve: { zh: '通过', en: 'Approve' },
  retire: { zh: '下架', en: 'Retire' },
  publish: { zh: '发布', en: 'Publish' },
  goBackToThis: { zh: '回滚到这一版', en: 'Go back to this version' },
  draftedFromThisVersion: { zh: '已按这一版起草，送审通过后发布', en: 'Drafted from this version; published once it is reviewed' },
  draft: { zh: '起草', en: 'Draft' },
  aDroppedVersionCannot: { zh: '作废后不能恢复，当前发布的内容不受影响。', en: 'A dropped version cannot be brought back; what is published stays.' },
  draftsANewVersion: { zh: (number: Said) => `以第 ${number} 版的内容起草新版本，审核通过后替换当前发布的内容。`, en: (number: Said) => `Drafts a new version with the content of version ${number}; it replaces what is published once it is approved.` },
  comment: { zh: '审核意见', en: 'Comment' },
  optional: { zh: '选填', en: 'Optional' },
  retireWhen: { zh: '何时下架', en: 'Retire when' },
  publishWhen: { zh: '何时发布', en: 'Publish when' },
  atOnce: { zh: '立即', en: 'At once' },
  atATime: { zh: '定时', en: 'At a time' },
  laterByHand: { zh: '以后手动', en: 'Later by hand' },
});

export const REVISION_PAGE = words({
  versions: { zh: '版本', en: 'Versions' },
  entry: { zh: '← 词条', en: '← Entry' },
  askToRetire: { zh: '申请下架', en: 'Ask to retire' },
  version: { zh: (number: Said, authorName: Said, updatedAt: Said) => `第 ${number} 版 · ${authorName} · ${updatedAt}`, en: (number: Said, authorName: Said, updatedAt: Said) => `Version ${number} · ${authorName} · ${updatedAt}` },
  toBePublished: { zh: (publishAt: Said) => ` · 定于 ${publishAt} 发布`, en: (publishAt: Said) => ` · to be published ${publishAt}` },
  note: { zh: (note: Said) => `说明：${note}`, en: (note: Said) => `Note: ${note}` },
  commentBy: { zh: (reviewerName: Said, verdict: Said) => `${reviewerName}的意见：${verdict}`, en: (reviewerName: Said, verdict: Said) => `Comment by ${reviewerName}: ${verdict}` },
  reviewer: { zh: '审核人', en: 'reviewer' },
  youWroteThisVersion: { zh: '这一版是您写的，须由其他编辑审核。', en: 'You wrote this version; another editor must review it.' },
  show: { zh: '显示', en: 'Show' },
  differences: { zh: '差别', en: 'Differences' },
  fullText: { zh: '全文', en: 'Full text' },
  compareWith: { zh: '比较对象', en: 'Compare with' },
  whatIsPublished: { zh: '当前发布的内容', en: 'What is published' },
  version2: { zh: (number: Said, stateName: Said) => `第 ${number} 版（${stateName}）`, en: (number: Said, stateName: Said) => `Version ${number} (${stateName})` },
  comparing: { zh: '正在比较', en: 'Comparing' },
  sentForReview: { zh: '已送审', en: 'Sent for review' },
  draftSaved: { zh: '已存草稿', en: 'Draft saved' },
  whatWasChanged: { zh: '修改说明', en: 'What was changed ' },
  whatWasChangedAnd: { zh: '改了什么，为什么', en: 'What was changed and why' },
  ctrlSSavesThe: { zh: (what: Said) => `${what} · Ctrl+S 存草稿`, en: (what: Said) => `${what} · Ctrl+S saves the draft` },
  changesNotSaved: { zh: '有未保存的修改', en: 'Changes not saved' },
  saved: { zh: '已保存', en: 'Saved' },
  saveDraft: { zh: '存草稿', en: 'Save draft' },
  sendForReview: { zh: '送审', en: 'Send for review' },
  differencesFromWhatIs: { zh: '与当前发布内容的差别', en: 'Differences from what is published' },
  placeNeedsMending: { zh: (faults: Said) => `有 ${faults} 处需要修改`, en: (faults: Said) => `${faults} ${plural(faults, 'place needs', 'places need')} mending` },
});

export const TASKS_PAGE = words({
  tasks: { zh: '任务', en: 'Tasks' },
  task: { zh: (what: Said) => `任务${what}`, en: (what: Said) => `Task ${what}` },
  kind: { zh: '种类', en: 'Kind' },
  allKinds: { zh: '全部种类', en: 'All kinds' },
  open: { zh: '未完成', en: 'Open' },
  done: { zh: '已完成', en: 'Done' },
  setAside: { zh: '不处理', en: 'Set aside' },
  allTasks: { zh: '全部任务', en: 'All tasks' },
  noOpenTasks: { zh: '没有未完成的任务', en: 'No open tasks' },
  noTasks: { zh: '没有任务', en: 'No tasks' },
  noEntryYet: { zh: '未关联知识', en: 'No entry yet' },
  lateDue: { zh: (dueOn: Said) => `逾期，应于 ${dueOn} 前`, en: (dueOn: Said) => `late, due ${dueOn}` },
  due: { zh: (dueOn: Said) => `${dueOn} 前`, en: (dueOn: Said) => `due ${dueOn}` },
  for: { zh: (owner: Said) => ` · 负责人 ${owner}`, en: (owner: Said) => ` · for ${owner}` },
  finished: { zh: '办结', en: 'Finished' },
  done2: { zh: (kind: Said) => `办结：${kind}`, en: (kind: Said) => `Done: ${kind}` },
  done3: { zh: '已处理', en: 'Done' },
  optional: { zh: '选填', en: 'Optional' },
});

export const WORK_PAGE = words({
  myDrafts: { zh: '我的草稿', en: 'My drafts' },
  noDrafts: { zh: '没有草稿', en: 'No drafts' },
  forMyReview: { zh: '待我审核', en: 'For my review' },
  nothingToReview: { zh: '没有待审核的版本', en: 'Nothing to review' },
  toBePublished: { zh: '待发布', en: 'To be published' },
  nothingWaitsForA: { zh: '没有定时或待手动发布的版本', en: 'Nothing waits for a time or a hand to publish it' },
  askToRetire: { zh: '申请下架', en: 'Ask to retire' },
  version: { zh: (module: Said, number: Said, authorName: Said) => `${module} · 第 ${number} 版 · ${authorName}`, en: (module: Said, number: Said, authorName: Said) => `${module} · version ${number} · ${authorName}` },
  text: { zh: (reviewerName: Said, verdict: Said) => ` · ${reviewerName}：${verdict}`, en: (reviewerName: Said, verdict: Said) => ` · ${reviewerName}: ${verdict}` },
  review: { zh: '审核', en: 'Review' },
});

import { maskText } from '../domain/masking.ts';
import { checkBanned } from './checks/banned.ts';
import { checkClosing } from './checks/closing.ts';
import { checkCurt } from './checks/curt.ts';
import { checkGreeting } from './checks/greeting.ts';
import { checkOverpromise } from './checks/overpromise.ts';
import { checkPrivacy } from './checks/privacy.ts';
import { checkPromise } from './checks/promise.ts';
import { checkScope } from './checks/scope.ts';
import { checkUnanswered } from './checks/unanswered.ts';
import { checkLate, checkSilence } from './checks/waiting.ts';
import type { QualityRule, QualityRules, Severity } from './rules.ts';
import type { Hit, Transcript } from './transcript.ts';

/** All rules over one service: findings with their evidence, and the points that are left. Pure. */

export interface Finding extends Hit {
  readonly rule: string;
  readonly severity: Severity;
  readonly points: number;
  /** The line that holds the evidence, personal numbers masked; the span is of it. */
  readonly sentence: string;
}

export interface Inspected {
  readonly score: number;
  readonly findings: readonly Finding[];
}

export interface Inspector {
  readonly rules: QualityRules;
  inspect(transcript: Transcript): Inspected;
}

/** Compiles the rules once; inspecting is then some microseconds a line. */
export function createInspector(rules: QualityRules): Inspector {
  const checks = rules.rules.filter(({ active }) => active).map((rule) => ({ rule, check: checkOf(rule) }));
  return {
    rules,
    inspect(transcript) {
      const lines = new Map(transcript.said.map((line) => [line.seq, line.text]));
      const findings = checks.flatMap(({ rule, check }): Finding[] => {
        if (rule.channels?.includes(transcript.channel) === false || rule.modalities?.includes(transcript.modality) === false) return [];
        return check(transcript).map((hit) => ({ ...hit, why: maskText(hit.why).text, rule: rule.id, severity: rule.severity, points: rule.points, sentence: maskText(lines.get(hit.seq) ?? '').text }));
      });
      findings.sort((a, b) => a.seq - b.seq || a.start - b.start);
      return { score: scoreOf(rules, findings), findings };
    },
  };
}

/** 100 less the points of the findings, a rule's at most `most`; a fatal one leaves `fatalAtMost` at most. */
export function scoreOf(rules: Pick<QualityRules, 'rules' | 'fatalAtMost'>, findings: readonly Pick<Finding, 'rule' | 'points' | 'severity'>[]): number {
  const lost = new Map<string, number>();
  for (const { rule, points } of findings) lost.set(rule, (lost.get(rule) ?? 0) + points);
  let score = 100;
  for (const [id, points] of lost) score -= Math.min(points, rules.rules.find((rule) => rule.id === id)?.most ?? points);
  const fatal = findings.some(({ severity }) => severity === 'fatal');
  return Math.max(0, fatal ? Math.min(score, rules.fatalAtMost) : score);
}

function checkOf(rule: QualityRule): (transcript: Transcript) => Hit[] {
  switch (rule.check) {
    case 'greeting': return checkGreeting(rule.with);
    case 'banned': return checkBanned(rule.with);
    case 'curt': return checkCurt(rule.with);
    case 'unanswered': return checkUnanswered(rule.with);
    case 'late': return checkLate(rule.with);
    case 'silence': return checkSilence(rule.with);
    case 'promise': return checkPromise(rule.with);
    case 'closing': return checkClosing(rule.with);
    case 'privacy': return checkPrivacy(rule.with);
    case 'overpromise': return checkOverpromise(rule.with);
    case 'scope': return checkScope(rule.with);
  }
}

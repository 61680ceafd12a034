import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import type { Inspection, InspectionState, SeatRole } from '../store/contract.ts';

/**
 * The life of an inspection, as one table: automatic → sampled → told → (appealed →) final. Who inspects is not who served, and who judges an appeal is
 * neither (four eyes).
 */

export type QualityMove = 'sample' | 'judge' | 'accept' | 'appeal' | 'rejudge' | 'expire';

interface Move {
  readonly label: string;
  readonly from: readonly InspectionState[];
  readonly to: InspectionState;
  readonly by: 'leader' | 'seat' | 'house';
}

export const QUALITY_MOVES: Readonly<Record<QualityMove, Move>> = {
  sample: { label: '抽检', from: ['automatic'], to: 'sampled', by: 'leader' },
  judge: { label: '复核', from: ['automatic', 'sampled'], to: 'told', by: 'leader' },
  accept: { label: '认可', from: ['told'], to: 'final', by: 'seat' },
  appeal: { label: '申诉', from: ['told'], to: 'appealed', by: 'seat' },
  rejudge: { label: '申诉裁定', from: ['appealed'], to: 'final', by: 'leader' },
  expire: { label: '申诉期满', from: ['told'], to: 'final', by: 'house' },
};

export interface QualityActor {
  readonly id: string;
  readonly role: SeatRole;
}

const LEADERS: readonly SeatRole[] = ['supervisor', 'administrator'];

export const isLeader = ({ role }: Pick<QualityActor, 'role'>): boolean => LEADERS.includes(role);

/** Leaders see all; everybody else their own. */
export function maySee(inspection: Pick<Inspection, 'seatId'>, actor: QualityActor): boolean {
  return isLeader(actor) || inspection.seatId === actor.id;
}

/** Why not; null: it may be done. `house`: what time brings. */
export function refusalOf(inspection: Inspection, name: QualityMove, actor: QualityActor | 'house', now: EpochMs): AppError | null {
  const move = QUALITY_MOVES[name];
  if (actor === 'house' ? move.by !== 'house' : move.by === 'leader' ? !isLeader(actor) : move.by === 'house') return no('quality.forbidden', 403, '您的角色没有这项权限。');
  if (!move.from.includes(inspection.state)) return no('quality.bad_state', 409, `这条质检现在不能${move.label}。`);
  if (actor === 'house') return inspection.appealBy !== null && inspection.appealBy <= now ? null : no('quality.bad_state', 409, '申诉期还没有过。');
  if (move.by === 'seat') {
    if (inspection.seatId !== actor.id) return no('quality.not_yours', 403, '只能处理自己的质检结果。');
    if (name === 'appeal' && inspection.appealBy !== null && inspection.appealBy < now) return no('quality.appeal_late', 409, '申诉期已过。');
    return null;
  }
  if (inspection.seatId === actor.id) return no('quality.own', 403, '不能质检自己的服务。');
  if (name === 'rejudge' && inspection.inspectorId === actor.id) return no('quality.four_eyes', 403, '申诉要由另一位质检员裁定。');
  return null;
}

/** What this person may do now. */
export function movesOf(inspection: Inspection, actor: QualityActor, now: EpochMs): readonly QualityMove[] {
  const names: readonly QualityMove[] = ['sample', 'judge', 'accept', 'appeal', 'rejudge'];
  return names.filter((name) => refusalOf(inspection, name, actor, now) === null);
}

function no(code: string, status: number, citizenText: string): AppError {
  return new AppError(code, citizenText, { status, citizenText, retry: status === 409 ? 'conflict' : 'never' });
}

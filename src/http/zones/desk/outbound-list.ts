import { AppError } from '../../../domain/errors.ts';
import { isTicketNumber } from '../../../domain/ticket-number.ts';

/**
 * Ticket numbers out of a file. A list names tickets and never telephone numbers: a number is in the vault or nowhere, so a cell that is none of
 * ours is counted and forgotten.
 */

const MAX_TICKETS = 5_000;

export interface TicketList {
  readonly tickets: readonly string[];
  /** Cells with digits that are no ticket number. */
  readonly refused: number;
}

/** @throws AppError `campaign.bad_file` */
export async function readTicketList(bytes: Buffer, kind: 'csv' | 'xlsx'): Promise<TicketList> {
  const cells = kind === 'csv' ? bytes.toString('utf8').replace(/^\uFEFF/, '').split(/[\r\n,;\t"]+/) : await cellsOf(bytes);
  const [tickets, seen]: [string[], Set<string>] = [[], new Set()];
  let refused = 0;
  for (const cell of cells) {
    const number = cell.replace(/\s/g, '');
    if (!/\d/.test(number) || seen.has(number)) continue;
    seen.add(number);
    if (!isTicketNumber(number)) refused += 1;
    else if (tickets.length < MAX_TICKETS) tickets.push(number);
  }
  return { tickets, refused };
}

async function cellsOf(bytes: Buffer): Promise<readonly string[]> {
  const { default: excel } = await import('exceljs');
  const book = new excel.Workbook();
  try {
    const copy = new ArrayBuffer(bytes.byteLength);
    new Uint8Array(copy).set(bytes);
    await book.xlsx.load(copy);
  } catch {
    throw new AppError('campaign.bad_file', 'no workbook that can be read', { status: 400, citizenText: '这个文件打不开，请另存为 .xlsx 或 .csv。' });
  }
  const cells: string[] = [];
  book.eachSheet((sheet) => sheet.eachRow((row) => row.eachCell((cell) => void cells.push(cell.text))));
  return cells;
}

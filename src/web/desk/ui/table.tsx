import type { ComponentChildren, JSX } from 'preact';

/** A table that stacks its cells on a narrow screen: every `td` says by `data-label` which column it is. `heads` are different texts. Children: the rows. */
export function Table({ heads, children }: { readonly heads: readonly string[]; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="table">
      <table class="stacking">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

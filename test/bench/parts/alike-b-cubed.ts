/** Precision, recall and their harmonic mean (Bagga and Baldwin 1998), over what belongs to an event. */
export function bCubed(events: readonly (readonly string[])[], contested: ReadonlySet<string>, clusterOf: ReadonlyMap<string, string>): { readonly precision: number; readonly recall: number; readonly f1: number } {
  const members = new Map<string, string[]>();
  for (const [id, cluster] of clusterOf) if (!contested.has(id)) members.set(cluster, [...(members.get(cluster) ?? []), id]);
  let [precision, recall, count] = [0, 0, 0];
  for (const event of events) {
    const inEvent = new Set(event);
    for (const id of event) {
      const cluster = members.get(clusterOf.get(id) ?? '') ?? [id];
      const right = cluster.filter((other) => inEvent.has(other)).length;
      precision += right / cluster.length;
      recall += right / inEvent.size;
      count += 1;
    }
  }
  precision /= Math.max(1, count);
  recall /= Math.max(1, count);
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

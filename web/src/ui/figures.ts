/** Shares travel as whole parts per million; people read per cent. */
const PPM_PER_PERCENT = 10_000;

/** 0.6 % of 6000 ppm: one digit after the point below ten per cent, none above. */
export function percent(ppm: number): string {
  const value = ppm / PPM_PER_PERCENT;
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0)} %`;
}

/** How full a budget is, 0 … 100, for a bar; a cap of nothing is full at once. */
export function filledPercent(sharePpm: number, capPpm: number): number {
  if (capPpm <= 0) return sharePpm > 0 ? 100 : 0;
  return Math.min(100, Math.round((sharePpm * 100) / capPpm));
}

/** The first characters of a digest, enough to tell two apart by eye. */
export function shortHash(hash: string): string {
  return hash.length > 16 ? `${hash.slice(0, 12)}…` : hash;
}

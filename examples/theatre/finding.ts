/** What must have been true of a play, with what was counted in its text. */
export interface Finding {
  readonly text: string;
  readonly good: boolean;
}

/** Prints the findings. True if all are good. */
export function printFindings(findings: readonly Finding[]): boolean {
  for (const { text, good } of findings) console.log(`  ${good ? "✓" : "✗ NOT SO:"} ${text}`);
  return findings.every(({ good }) => good);
}

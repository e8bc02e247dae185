/** What the harness tells a runtime. */
export interface Setup {
  /** Of this runtime alone, so that runtimes do not meet at a name. */
  readonly namespace: string;
  /** An open server. */
  readonly serverUrl: string;
  /** The same one, at the end of a road that can be cut. */
  readonly roadUrl: string;
  /** A server that wants a token, and its token. */
  readonly guardedUrl: string;
  readonly token: string;
  /** Where the road is cut and mended, and where headers are looked at. */
  readonly stageUrl: string;
  /** Where this runtime itself takes requests; `null` where it does not live by them. */
  readonly ownUrl: string | null;
}

/** What a runtime tells the harness, a line each. */
export type Report = FeatureReport | CaseReport | { readonly kind: "done" };

export interface FeatureReport {
  readonly kind: "feature";
  readonly id: string;
  readonly has: boolean;
  /** What there is to say beyond yes and no. */
  readonly detail: string;
}

export interface CaseReport {
  readonly kind: "case";
  readonly title: string;
  readonly outcome: "passed" | "failed" | "lacking";
  /** Why it failed, or the feature that it lacks. */
  readonly detail: string;
  readonly tookMs: number;
}

/** How the road is treated: cut once, closed until it is opened, or silent until then. */
export const TREATMENTS = ["cut", "close", "silence", "open"] as const;
export type Treatment = (typeof TREATMENTS)[number];

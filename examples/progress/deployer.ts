/** Deploys release 42, as one of two that are to do so. */
import { act } from "../theatre/part.ts";
import { carryOut, type Stage } from "./progress.ts";

export interface DeployerRole {
  readonly name: string;
  readonly stages: readonly Stage[];
}

export type DeployerSaid =
  | { readonly is: "works on"; readonly stage: Stage }
  | { readonly is: "has carried it out" };

await act<DeployerRole, DeployerSaid>(async ({ latchwork, say, told }) => {
  await carryOut(latchwork, "release-42", async (stage) => {
    say({ is: "works on", stage });
    await told(`finish ${stage}`);
  });
  say({ is: "has carried it out" });
});

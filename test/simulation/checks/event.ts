import type { Disk } from "../world/disk.ts";
import { waiting } from "./rows.ts";
import type { Violations } from "./violations.ts";

export class EventChecks {
  readonly #violations: Violations;
  #wokenThrough = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  committed(disk: Disk): void {
    const { isSet = false, wokenThrough = 0 } = (disk.state ?? {}) as {
      isSet?: boolean;
      wokenThrough?: number;
    };
    const waits = waiting(disk).filter(({ ticket }) => ticket > wokenThrough);
    this.#violations.check(
      "EV1",
      !isSet || waits.length === 0,
      () => "somebody waits for a set event",
    );
    this.#violations.check(
      "EV2",
      wokenThrough >= this.#wokenThrough,
      () => `those up to ticket ${this.#wokenThrough} were woken, and are not any more`,
    );
    this.#wokenThrough = wokenThrough;
  }

  wiped(): void {
    this.#wokenThrough = 0;
  }
}

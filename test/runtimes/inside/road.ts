import type { Setup, Treatment } from "./setup.ts";

/** The network between a traveller and the server. */
export class Road {
  readonly #stageUrl: string;
  #isTouched = false;

  constructor({ stageUrl }: Setup) {
    this.#stageUrl = stageUrl;
  }

  /** Every connection is reset; the next one gets through. */
  cut(): Promise<void> {
    return this.#treat("cut");
  }

  /** Every connection is reset, and nobody gets through until `open`. */
  close(): Promise<void> {
    return this.#treat("close");
  }

  /** Nothing comes through, and no connection is gone, until `open`. */
  silence(): Promise<void> {
    return this.#treat("silence");
  }

  async open(): Promise<void> {
    if (this.#isTouched) await this.#treat("open");
  }

  async #treat(treatment: Treatment): Promise<void> {
    this.#isTouched = true;
    const response = await fetch(`${this.#stageUrl}/road/${treatment}`, { method: "POST" });
    await response.text();
    if (!response.ok) throw new Error(`The road could not be treated: ${response.status}.`);
  }
}

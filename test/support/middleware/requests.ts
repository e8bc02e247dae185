/** What a refusal says, and when to come again. */
export async function refusalIn(response: Response): Promise<object> {
  const problem = (await response.json()) as { type: string };
  return {
    status: response.status,
    type: response.headers.get("Content-Type"),
    problem: problem.type.replace("tag:latchwork,2026:", ""),
    retryAfter: response.headers.get("Retry-After"),
  };
}

/** A refusal as `refusalIn` tells it. */
export function refused(status: number, problem: string, retryAfter: string | null = null): object {
  return { status, type: "application/problem+json", problem, retryAfter };
}

/** A gate that handlers wait at until the test lets them go on. */
export interface Gate {
  /** Resolves when this many have come. */
  readonly reached: (count?: number) => Promise<void>;
  readonly pass: () => Promise<void>;
  readonly open: () => void;
}

export function gate(): Gate {
  const opened = Promise.withResolvers<void>();
  let come = 0;
  let watch = (): void => {};
  return {
    reached: (count = 1) =>
      new Promise((resolve) => {
        watch = () => {
          if (come >= count) resolve();
        };
        watch();
      }),
    pass: () => {
      come += 1;
      watch();
      return opened.promise;
    },
    open: opened.resolve,
  };
}

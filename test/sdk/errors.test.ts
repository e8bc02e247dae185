import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode } from "../../sdk/fault.ts";
import * as sdk from "../../sdk/index.ts";
import { check, errorFrom, LatchworkError } from "../../sdk/errors.ts";

const CLASSES: Record<ErrorCode, abstract new (...parts: never[]) => LatchworkError> = {
  timeout: sdk.TimeoutError,
  "lease-lost": sdk.LeaseLostError,
  "not-owner": sdk.NotOwnerError,
  "over-release": sdk.OverReleaseError,
  closed: sdk.ClosedResourceError,
  "config-mismatch": sdk.ConfigMismatchError,
  "not-configured": sdk.NotConfiguredError,
  "invalid-argument": sdk.InvalidArgumentError,
  "limit-exceeded": sdk.LimitExceededError,
  unauthorized: sdk.UnauthorizedError,
  forbidden: sdk.ForbiddenError,
  overloaded: sdk.OverloadedError,
  "connection-lost": sdk.ConnectionLostError,
  protocol: sdk.ProtocolError,
  "already-borrowed": sdk.AlreadyBorrowedError,
  "not-borrowed": sdk.NotBorrowedError,
  broken: sdk.BrokenResourceError,
  "end-of-stream": sdk.EndOfStreamError,
};

describe("an error", () => {
  it.each(ERROR_CODES)("has a class of its own for the code %s", (code) => {
    const error = errorFrom({ code, message: "Thus." });
    expect(error).toBeInstanceOf(CLASSES[code]);
    expect(error).toBeInstanceOf(LatchworkError);
    expect(error.name).toBe(CLASSES[code].name);
    expect([error.code, error.message]).toEqual([code, "Thus."]);
  });

  it("of two configurations says both as users write them, Infinity too", () => {
    const fault = { stated: { totalTokens: 3 }, actual: { totalTokens: null } };
    expect(errorFrom({ code: "config-mismatch", message: "Otherwise.", ...fault })).toMatchObject({
      stated: { totalTokens: 3 },
      actual: { totalTokens: Infinity },
    });
  });

  it("of a code that this version does not know breaks the protocol, and quotes it", () => {
    const error = errorFrom({ code: "weather" as ErrorCode, message: "It rains." });
    expect(error).toBeInstanceOf(sdk.ProtocolError);
    expect(error.message).toBe("It rains. (weather)");
  });

  it("says what its fault says besides", () => {
    const message = "Thus.";
    expect(errorFrom({ code: "overloaded", message, retryAfterMs: 7 })).toMatchObject({
      retryAfterMs: 7,
    });
    expect(errorFrom({ code: "overloaded", message })).toMatchObject({ retryAfterMs: 1_000 });
    expect(errorFrom({ code: "lease-lost", message, reason: "revoked" })).toMatchObject({
      reason: "revoked",
    });
    expect(
      errorFrom({ code: "limit-exceeded", message, limit: "waitersMax", max: 9 }),
    ).toMatchObject({ limit: "waitersMax", max: 9 });
    expect(
      errorFrom({ code: "config-mismatch", message, stated: { permits: 1 }, actual: 2 }),
    ).toMatchObject({ stated: { permits: 1 }, actual: 2 });
  });

  it("is thrown where there is a fault, and only there", () => {
    expect(() => check(null)).not.toThrow();
    expect(() => check({ code: "forbidden", message: "No." })).toThrow(sdk.ForbiddenError);
  });
});

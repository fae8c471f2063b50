// What a frontend does about an error. It depends on the `type` of the problem, never on its wording.

import type { ErrorResponse, ResponseObjectMap } from "openapi-typescript-helpers";

import type { components, operations } from "./api.js";

type TaskOperation = Extract<keyof operations, `${string}-task${string}`>;

type FailureOf<Name extends TaskOperation> = ErrorResponse<ResponseObjectMap<operations[Name]>, `${string}/${string}`>;

/** Every error that openapi.yaml lists for an operation on tasks, alone or in a batch. */
export type Failure =
  | { [Name in TaskOperation]: FailureOf<Name> }[TaskOperation]
  | components["schemas"]["BatchRefused"]["problem"];

export type Advice =
  | { do: "correct"; fields: Map<string, string> }
  | { do: "sign in" | "reload" | "try again" | "report"; say: string };

/** Does not compile if a problem of openapi.yaml is forgotten. */
export function advice(failure: Failure): Advice {
  // API Gateway itself sent this answer.
  if (!("type" in failure)) return { do: "try again", say: failure.message };
  const say = failure.detail;
  switch (failure.type) {
    case "/docs/problems#invalid-input":
      return { do: "correct", fields: fields(failure.errors) };
    case "/docs/problems#missing-token":
    case "/docs/problems#invalid-token":
    case "/docs/problems#malformed-authorization":
      return { do: "sign in", say };
    case "/docs/problems#not-found":
    case "/docs/problems#precondition-failed":
    case "/docs/problems#already-exists":
    case "/docs/problems#batch-failed":
      return { do: "reload", say };
    case "/docs/problems#too-many-requests":
    case "/docs/problems#unavailable":
      return { do: "try again", say };
    case "/docs/problems#malformed-body":
    case "/docs/problems#forbidden":
    case "/docs/problems#insufficient-scope":
    case "/docs/problems#too-large":
    case "/docs/problems#unsupported-media-type":
    case "/docs/problems#idempotency-key-reused":
    case "/docs/problems#quota-exceeded":
    case "/docs/problems#internal":
      return { do: "report", say };
    default:
      // A later version of the API may have more types.
      failure satisfies never;
      return { do: "report", say };
  }
}

type Part = { pointer?: string; parameter?: string; header?: string; detail: string };

/** What is wrong with each field of the form. */
function fields(parts: Part[]): Map<string, string> {
  return new Map(parts.map((part) => [part.pointer ?? part.parameter ?? part.header ?? "", part.detail]));
}

// What happens to two replicas, `a` and `b`, of one user's tasks. Each scenario ends when both have exactly
// what the server has, and says what that must be.

import { accounts } from "./accounts.mjs";
import { deletions } from "./deletions.mjs";
import { edits } from "./edits.mjs";
import { losses } from "./losses.mjs";

export const scenarios = { ...edits, ...deletions, ...losses, ...accounts };

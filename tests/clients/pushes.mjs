// The requests with which the libraries push.

const BATCH = ["POST", /^\/tasks\/batch$/];
const TASK = /^\/tasks\/[^/]+$/;
const SINGLE = { create: ["PUT", TASK], update: ["PATCH", TASK], remove: ["DELETE", TASK] };

/** The method and the path of a push that creates, updates or removes a task. */
export const push = (replica, kind) => (replica.batches ? BATCH : SINGLE[kind]);

/** The next such push is carried out, and its answer is lost. */
export const losePush = (replica, kind) => replica.network.loseAnswerTo(...push(replica, kind));

/** The conflicts that the server has answered the replica's requests with. */
export const conflicts = ({ network }) =>
  network.log.flatMap(({ statuses }) => statuses).filter((status) => status === 412);

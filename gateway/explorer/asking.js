// What the page asks of the gateway: answers, with what ran for them, and plans of what has not run yet.

/* global Cookies, GraphiQL */

const endpoint = new URL("/graphql", window.location.href);
const TRACE = "X-Crossdock-Trace";

/** A value that components can follow (React's useSyncExternalStore). */
function followed(value) {
  const followers = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      followers.forEach((tell) => tell());
    },
    follow(tell) {
      followers.add(tell);
      return () => followers.delete(tell);
    },
  };
}

/** What ran last. `state`: nothing, running, told (with its `trace`), untold (with `errors`), stopped, failed or subscription. */
export const ran = followed({ state: "nothing" });

export function fetcher() {
  const plain = GraphiQL.createFetcher({
    url: endpoint.href,
    subscriptionUrl: subscriptionUrl(),
    headers: sameSite(),
  });
  return (asked, options = {}) => {
    if (asked.operationName === "IntrospectionQuery") {
      return plain(asked, options);
    }
    if (kindOf(asked, options.documentAST) === "subscription") {
      ran.set({ state: "subscription" });
      return plain(asked, options);
    }
    return traced(plain, asked, options);
  };
}

/** The plan of an operation, or its `errors`. Throws where the gateway does not answer. */
export async function explain({ query, variables, operationName, headers }) {
  const given = parsed(headers, "headers");
  const values = parsed(variables, "variables");
  const wrong = [given.error, values.error].filter(Boolean);
  if (wrong.length > 0) {
    return { errors: wrong.map((message) => ({ message })) };
  }
  const response = await fetch("/explain", {
    method: "POST",
    headers: { ...sameSite(), ...given.value, "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ query, variables: values.value, operationName }),
  });
  return response.json();
}

function subscriptionUrl() {
  const url = new URL(endpoint);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function sameSite() {
  const token = Cookies.get("csrftoken");
  return token ? { "x-csrftoken": token } : {};
}

function parsed(text, name) {
  try {
    const value = text && text.trim() ? JSON.parse(text) : null;
    const isObject = value === null || (typeof value === "object" && !Array.isArray(value));
    return isObject ? { value } : { error: `The ${name} are no JSON object.` };
  } catch (error) {
    return { error: `The ${name} are no JSON yet: ${error.message}.` };
  }
}

function kindOf(asked, document) {
  const operations = (document?.definitions ?? []).filter((each) => each.kind === "OperationDefinition");
  const named = operations.find((each) => each.name?.value === asked.operationName);
  return (named ?? operations[0])?.operation;
}

let latest = 0;

/** Asks for the trace, and shows the answer without it unless the reader asked for it, too. */
async function traced(plain, asked, options) {
  const number = ++latest;
  const isWanted = Object.keys(options.headers ?? {}).some((name) => name.toLowerCase() === TRACE.toLowerCase());
  const tell = (next) => number === latest && ran.set(next);
  const look = (answer) => {
    const trace = answer?.extensions?.trace;
    tell(trace ? { state: "told", trace } : { state: "untold", errors: answer?.errors ?? [] });
    return trace && !isWanted ? without(answer) : answer;
  };
  tell({ state: "running" });
  try {
    const headers = { ...options.headers, ...(isWanted ? {} : { [TRACE]: "true" }) };
    const answer = await plain(asked, { ...options, headers });
    return Symbol.asyncIterator in Object(answer) ? looked(answer, look, tell) : look(answer);
  } catch (error) {
    tell({ state: "failed", message: String(error?.message ?? error) });
    throw error;
  }
}

async function* looked(answers, look, tell) {
  let isTold = false;
  try {
    for await (const answer of answers) {
      isTold = true;
      yield look(answer);
    }
  } catch (error) {
    isTold = true;
    tell({ state: "failed", message: String(error?.message ?? error) });
    throw error;
  } finally {
    if (!isTold) {
      tell({ state: "stopped" });
    }
  }
}

function without({ extensions: { trace, ...others }, ...answer }) {
  return Object.keys(others).length > 0 ? { ...answer, extensions: others } : answer;
}

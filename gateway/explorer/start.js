// The page: GraphiQL, and beneath the answer our two panels.

import { fetcher } from "./asking.js";
import { Panels } from "./panels.js";

/* global GraphiQL, GraphiQLPluginExplorer, React, ReactDOM */

async function defaults() {
  try {
    // What the reader typed on an earlier visit is kept by GraphiQL and must not be overwritten.
    if (window.localStorage.getItem("graphiql:query") !== null) {
      return {};
    }
    const response = await fetch("/explorer/defaults.json");
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

async function start() {
  const { query, variables } = await defaults();
  const page = React.createElement(
    GraphiQL,
    {
      fetcher: fetcher(),
      plugins: [GraphiQLPluginExplorer.explorerPlugin()],
      query,
      variables,
      defaultEditorToolsVisibility: "variables",
      inputValueDeprecation: true,
    },
    React.createElement(GraphiQL.Footer, null, React.createElement(Panels)),
  );
  ReactDOM.createRoot(document.getElementById("explorer")).render(page);
}

start();

import { useState } from "preact/hooks";
import { Notice } from "./notice";
import { signInWith } from "./session";

/** Where the gateway does not know who asks: a token or a key, which never leaves this tab but for the gateway. */
export function SignIn({ why }: { why: string | null }) {
  const [token, type] = useState("");
  const [isKept, keep] = useState(true);
  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim()) signInWith(token, isKept);
        }}
      >
        <h1>Crossdock console</h1>
        <p>You see and decide here what your token or key allows, and nothing else.</p>
        <label for="token">Token or API key</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          value={token}
          aria-describedby="token-wrong"
          aria-invalid={why !== null}
          autofocus
          onInput={(event) => type(event.currentTarget.value)}
        />
        <p id="token-wrong" class="wrong" role="alert">
          {why}
        </p>
        <label class="check">
          <input type="checkbox" checked={isKept} onChange={(event) => keep(event.currentTarget.checked)} />
          Keep it while this tab is open
        </label>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}

export function Asking() {
  return (
    <main class="sign-in">
      <Notice mood="busy" title="Asking the gateway who you are" />
    </main>
  );
}

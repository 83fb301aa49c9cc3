// From src/ to built/, or to the folder given: the same sources give the same bytes, and each file is named by its content.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.argv[2] ?? path.join(here, "built"));

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

async function bundled(entry, options) {
  const made = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return made.outputFiles[0].text;
}

// Where only known documents are taken, the gateway knows these.
async function documents() {
  const module = await bundled("src/documents.ts", { format: "esm", minify: false });
  const texts = Object.values(await import(`data:text/javascript,${encodeURIComponent(module)}`));
  return JSON.stringify(Object.fromEntries(texts.map((text) => [sha256(text), text])), null, 1) + "\n";
}

const assets = {
  script: ["console", ".js", await bundled("src/main.tsx", {
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    banner: { js: "/* The Crossdock console; contains Preact (MIT licence, Jason Miller and others). */" },
  })],
  style: ["console", ".css", await bundled("src/style/console.css", {})],
  icon: ["icon", ".svg", await readFile(path.join(here, "src/icon.svg"), "utf8")],
};

await rm(target, { recursive: true, force: true });
await mkdir(path.join(target, "assets"), { recursive: true });
let page = await readFile(path.join(here, "src/index.html"), "utf8");
for (const [kind, [name, extension, text]] of Object.entries(assets)) {
  const file = `${name}-${sha256(text).slice(0, 12)}${extension}`;
  page = page.replace(`{${kind}}`, `/console/assets/${file}`);
  await writeFile(path.join(target, "assets", file), text);
}
await writeFile(path.join(target, "index.html"), page);
await writeFile(path.join(target, "documents.json"), await documents());

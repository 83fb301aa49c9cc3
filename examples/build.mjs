// Each page from its folder to built/: one script, one style, an icon and the page itself. Nothing of it is fetched at run time.
import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.argv[2] ?? path.join(here, "built"));

await rm(target, { recursive: true, force: true });
for (const page of ["quote-page", "portal-page"]) {
  await mkdir(path.join(target, page), { recursive: true });
  await build({
    absWorkingDir: here,
    entryPoints: { page: `${page}/main.tsx`, look: `${page}/look.css` },
    outdir: path.join(target, page),
    bundle: true,
    minify: true,
    format: "esm",
    jsx: "automatic",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  await cp(path.join(here, page, "index.html"), path.join(target, page, "index.html"));
  await cp(path.join(here, "icon.svg"), path.join(target, page, "icon.svg"));
}

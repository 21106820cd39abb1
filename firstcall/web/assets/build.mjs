// Makes what browsers load, from this folder and the packages of package.json, into ../static/web/:
// scripts, one style sheet without what no page uses, icons and letters, each named by its content, packed besides,
// and manifest.json, which tells the templates the names. Every file of pages/ is a script or style that the pages naming
// it load besides; what several scripts use is put into chunks, `app.js+` and so on in the manifest.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, "..");
const packages = join(web, "..", "..", "node_modules");
const target = join(web, "static", "web");
const TARGETS = ["chrome111", "firefox114", "safari16.4"];

const hashed = (name, content) => {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  return `${basename(name, extname(name))}-${hash}${extname(name)}`;
};

/** Tabler's style sheet without the rules that neither a template nor a script names. */
async function tabler() {
  const [{ css }] = await new PurgeCSS().purge({
    css: [join(packages, "@tabler/core/dist/css/tabler.css")],
    content: [join(web, "templates/**/*.html"), join(here, "**/*.js"), join(web, "**/*.py")],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    safelist: { standard: ["html", "body", "show", "active", "disabled"], greedy: [/data-bs-theme/] },
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  return css;
}

/** One file of all the icons that templates name, each as a <symbol>. */
async function icons() {
  const texts = await Promise.all((await files(join(web, "templates"), ".html")).map((f) => readFile(f, "utf8")));
  const scripts = await Promise.all((await files(web, ".py")).map((f) => readFile(f, "utf8")));
  const wanted = new Set();
  for (const text of [...texts, ...scripts]) {
    for (const found of text.matchAll(/\bicon="([\w-]+)"|\{% icon "([\w-]+)"|["']?icon["']?[=:] ?["']([\w-]+)["']/g)) {
      wanted.add(found[1] ?? found[2] ?? found[3]);
    }
  }
  const symbols = [];
  for (const name of [...wanted].sort()) {
    const svg = await readFile(join(packages, "feather-icons/dist/icons", `${name}.svg`), "utf8");
    const inner = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>"));
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

async function files(folder, ending) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function bundle() {
  const css = await tabler();
  const alone = [...(await files(join(here, "pages"), ".js")), ...(await files(join(here, "pages"), ".css"))];
  const inMemory = {
    name: "tabler",
    setup(build) {
      build.onResolve({ filter: /^tabler$/ }, () => ({ path: "tabler", namespace: "tabler" }));
      build.onLoad({ filter: /.*/, namespace: "tabler" }, () => ({ contents: css, loader: "css" }));
    },
  };
  const shared = {
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: target,
    target: TARGETS,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    legalComments: "linked",
    nodePaths: [packages],
    plugins: [inMemory],
    loader: { ".woff2": "file" },
    logLevel: "warning",
  };
  const pages = await esbuild.build({
    ...shared,
    format: "esm",
    splitting: true,
    entryPoints: [join(here, "app.js"), join(here, "app.css"), ...alone.sort()],
  });
  // Runs before the first paint, so it is no module.
  const early = await esbuild.build({ ...shared, format: "iife", entryPoints: [join(here, "theme.js")] });
  return [pages, early];
}

const PACKED = new Set([".js", ".css", ".svg"]);

async function keep(name, content) {
  await writeFile(join(target, name), content);
  if (PACKED.has(extname(name))) {
    await writeFile(join(target, `${name}.gz`), gzipSync(content, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    await writeFile(join(target, `${name}.br`), brotliCompressSync(content, { params }));
  }
}

const built = await bundle();
const sprite = Buffer.from(await icons());
const logo = await readFile(join(here, "logo.svg"));
await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const manifest = {};
for (const { outputFiles, metafile } of built) {
  for (const file of outputFiles) await keep(basename(file.path), file.contents);
  for (const [path, told] of Object.entries(metafile.outputs)) {
    if (told.entryPoint) {
      const name = relative(here, told.entryPoint);
      manifest[name] = basename(path);
      const chunks = told.imports.filter((one) => one.kind === "import-statement" && !one.external);
      if (chunks.length) manifest[`${name}+`] = chunks.map((one) => basename(one.path));
    }
    for (const source of Object.keys(told.inputs)) {
      if (source.endsWith(".woff2")) manifest[basename(source)] = basename(path);
    }
  }
}
for (const [name, content] of [["icons.svg", sprite], ["logo.svg", logo]]) {
  manifest[name] = hashed(name, content);
  await keep(manifest[name], content);
}
await writeFile(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

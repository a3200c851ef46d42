import { createHash } from "node:crypto";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/**
 * Puts script and style into the page itself, under a policy that lets these very bytes run and nothing else: the page
 * can't load, send or embed anything, wherever it is opened from.
 */
function oneFile(): Plugin {
  return {
    name: "one-file",
    // after all others have written their last word into the script
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        let [script, style] = ["", ""];
        const page = Object.values(bundle).find((file) => file.fileName === "verifier.html");
        if (page?.type !== "asset") throw new Error("there is no page");
        for (const file of Object.values(bundle)) {
          if (file.type === "chunk") {
            if (script !== "") throw new Error("the script is in more than one piece");
            script = file.code.trim().replaceAll("</script", "<\\/script");
          } else if (file.fileName.endsWith(".css")) style += String(file.source).trim();
          if (file !== page) delete bundle[file.fileName];
        }
        const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data:; media-src blob:; base-uri 'none'; form-action 'none'`;
        const html = String(page.source)
          .replace(/\s*<(script|link)[^>]*(src|href)="\/assets[^>]*>(<\/script>)?/g, "")
          .replace("<meta charset", () => `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <meta charset`)
          .replace("</head>", () => `  <style>${style}</style>\n  </head>`)
          .replace("</body>", () => `  <script type="module">${script}</script>\n  </body>`);
        if (html.includes("/assets/")) throw new Error("the page still refers to another file");
        page.source = html;
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), oneFile()],
  publicDir: false,
  build: {
    outDir: "../dialer/api/console",
    // beside the console, which is built first
    emptyOutDir: false,
    target: "es2022",
    sourcemap: false,
    cssCodeSplit: false,
    assetsInlineLimit: Infinity,
    modulePreload: false,
    chunkSizeWarningLimit: 2_000,
    rollupOptions: { input: "verifier.html", output: { inlineDynamicImports: true } },
  },
});

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { compression } from "vite-plugin-compression2";
import { defineConfig } from "vitest/config";

const WIDGET_STYLES = "@rc-component/util/es/Dom/dynamicCSS.js";
const WITHOUT_NONCE = "if (csp?.nonce) {\n    styleNode.nonce = csp?.nonce;\n  }";
const WITH_NONCE =
  "styleNode.nonce = csp?.nonce ?? document.querySelector('meta[name=\"csp-nonce\"]')?.content ?? '';";

/**
 * The widgets measure scroll bars and lock scrolling with style elements that they give no nonce, whatever the
 * configuration says; our policy then blocks them. Every style element of theirs is made in one place: put it there.
 */
function nonceForEveryStyle(): Plugin {
  return {
    name: "nonce-for-every-style",
    transform: (code, id) => {
      if (!id.endsWith(WIDGET_STYLES)) return null;
      if (!code.includes(WITHOUT_NONCE)) throw new Error(`${WIDGET_STYLES} changed: look at where it sets the nonce`);
      return code.replace(WITHOUT_NONCE, WITH_NONCE);
    },
  };
}

/** Where `npm run dev` finds the API; the build needs none. */
const api = process.env["DIALER_API"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  // the server hands out foo.js.br or foo.js.gz where the browser takes it
  plugins: [react(), nonceForEveryStyle(), compression({ algorithms: ["gzip", "brotliCompress"], threshold: 1_024 })],
  build: {
    outDir: "../dialer/api/console",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    // data: URLs of fonts or images would need a wider content security policy
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      "/api": { target: api, ws: true },
      "/ws": { target: api, ws: true },
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
    restoreMocks: true,
  },
});

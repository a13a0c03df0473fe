// What the product's bundle is made of. Stories have a configuration of their own and are never in it.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { policy } from "./policy.ts";

// The page carries its own policy, so that it holds in the window and in a browser alike. While
// developing, Vite puts styles into the page itself, so the policy is in built pages only.
function contentPolicy(): Plugin {
  return {
    name: "content-policy",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
    ],
  };
}

export const shared = {
  plugins: [svelte(), contentPolicy()],
  resolve: { alias: { $lib: new URL("./src/lib", import.meta.url).pathname } },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "safari17.5"], // light-dark() stays as it is
    sourcemap: false,
    assetsInlineLimit: 0, // nothing as data: URL
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500, // kB; read from the disk, not from a network
    reportCompressedSize: false,
  },
};

export default defineConfig({
  ...shared,
  plugins: [...shared.plugins, svelteTesting()],
  base: "./",
  clearScreen: false,
  server: { port: 5179, strictPort: true, host: "127.0.0.1" },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "stories/**/*.test.ts"],
    setupFiles: ["./src/lib/testing/setup.ts"],
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 60_000,
    isolate: false, // one page for all tests of a worker: a page for each takes longer than the tests
  },
});

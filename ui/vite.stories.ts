// Builds the pages of the stories, apart from the product: every part and every screen in each of its states.
import { defineConfig } from "vite";
import { shared } from "./vite.config.ts";

export default defineConfig({
  ...shared,
  base: "./",
  publicDir: "public",
  build: { ...shared.build, outDir: "stories-dist", rollupOptions: { input: "stories.html" } },
  server: { port: 5180, strictPort: true, host: "127.0.0.1", open: false },
});

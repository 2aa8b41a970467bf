"use strict";

// Bundles `src` into the temporary folder, and runs what came out.
const os = require("os");
const path = require("path");
const webpack = require("webpack");

const output = { path: os.tmpdir(), filename: "page.js", libraryTarget: "commonjs2" };
const settings = { mode: "none", target: "node", context: __dirname, entry: "./src/page.js", output };

webpack(settings, (error, stats) => {
  if (error) throw error;
  if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
  const { modules } = stats.toJson();
  console.log(`bundled ${modules.length} modules: ${require(path.join(output.path, output.filename))}`);
});

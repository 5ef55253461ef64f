// Old syntax on purpose: this file must parse on the Node versions it refuses.
"use strict";
var manifest = require("../../package.json");
var needed = manifest.engines.node
  .replace(/[^0-9.]/g, "")
  .split(".")
  .map(Number);
var found = process.versions.node.split(".").map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < (needed[1] || 0))) {
  process.stderr.write(
    "Node " +
      process.versions.node +
      " found, >= " +
      needed.join(".") +
      " needed: install a current version from " +
      "https://nodejs.org (or `nvm install 22`), then run the command again.\n",
  );
  process.exit(1);
}

"use strict";

// Says which Express it is.
const express = require("express");
const { version } = require("express/package.json");

const desk = express();
desk.get("/", (request, response) => response.json({ express: version }));
desk.listen(process.env.PORT);

"use strict";

// Prints the CRC-32 of nine digits, as the addon works it out.
const { crc32 } = require("./seal.node");

console.log(crc32("123456789").toString(16));

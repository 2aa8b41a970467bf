const multiply = require("./multiply");

module.exports = `6 x 7 is ${multiply(6, 7)}`;

"use strict";

// Prints an invoice for a customer in Austria.
const LOCALE = "de-AT";

const money = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "EUR" });
const day = new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC" });

console.log(`Rechnung vom ${day.format(new Date(Date.UTC(2024, 1, 1)))}`);
console.log(`Summe ${money.format(1234567.5)}`);

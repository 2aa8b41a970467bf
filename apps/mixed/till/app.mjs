// Prints a price as a shop in Vienna does: full ICU and top-level await, Node 16 and later, no package.
import { once } from 'node:events';
import { createServer } from 'node:http';

const euro = new Intl.NumberFormat('de-AT', { style: 'currency', currency: 'EUR' });

const server = createServer((request, response) => {
  const amount = Number(request.url.slice(1));
  response.end(`${euro.format(Number.isNaN(amount) ? 0 : amount)}\n`);
}).listen(process.env.PORT);

await once(server, 'listening');

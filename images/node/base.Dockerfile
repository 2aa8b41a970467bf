# The shape of Node's official slim images: node, npm and the headers in /usr/local. No step needs the network.
FROM {{ root }} AS unpacked
LABEL io.isolate.base="{{ label }}"
COPY node.tgz npm.tgz /tmp/
RUN mkdir -p /node/lib/node_modules/npm \
 && tar -xzf /tmp/node.tgz -C /node --strip-components=1 package/bin package/include \
 && tar -xzf /tmp/npm.tgz -C /node/lib/node_modules/npm --strip-components=1 \
 && for name in npm npx; do ln -s ../lib/node_modules/npm/bin/$name-cli.js /node/bin/$name || exit 1; done

FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
COPY --from=unpacked /node /usr/local
RUN node -v && npm -v
CMD ["node"]

# Stands in for the official images: the root brings Ruby. No step needs the network.
FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
ENV LANG=C.UTF-8
RUN ruby -r bundler -r openssl -r psych -r zlib -v
CMD ["irb"]

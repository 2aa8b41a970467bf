# Stands in for the official images: the root brings Ruby, and gems go where they go there. No step needs the network.
FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
ENV LANG=C.UTF-8 GEM_HOME=/usr/local/bundle BUNDLE_APP_CONFIG=/usr/local/bundle BUNDLE_SILENCE_ROOT_WARNING=1 \
    PATH=/usr/local/bundle/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN mkdir -m 1777 "$GEM_HOME" && gem --version && bundle --version \
 && ruby -r bundler -r openssl -r psych -r zlib -v
CMD ["irb"]

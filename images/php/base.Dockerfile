# Stands in for the official images: the root brings PHP. Those ship without a php.ini. No step needs the network.
FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
RUN rm -f /etc/php/*/cli/php.ini \
 && php -r 'foreach (["curl", "dom", "mbstring", "sodium"] as $one) extension_loaded($one) || exit(1);' \
 && php -v
CMD ["php", "-a"]

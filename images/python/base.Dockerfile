# The shape of Python's official slim images: the interpreter in /usr/local/bin. No step needs the network.
# Compiled here, unlike there: on a read-only root every start would compile anew what it imports.
FROM {{ root }} AS installed
LABEL io.isolate.base="{{ label }}"
{% if interpreter %}
ADD interpreter.tar /usr/local/
RUN ldconfig && ln -sf python3 /usr/local/bin/python
{% else %}
RUN for name in python python3; do ln -s "$(readlink -f /usr/bin/python3)" /usr/local/bin/$name || exit 1; done \
 && rm -f /usr/lib/python3.*/EXTERNALLY-MANAGED
{% endif %}
COPY wheels /tmp/wheels
RUN python3 "$(echo /tmp/wheels/pip-*.whl)/pip" install --no-index --no-cache-dir --root-user-action=ignore \
      --disable-pip-version-check /tmp/wheels/*.whl \
 && python3 -m compileall -q /usr/local/lib

FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
COPY --from=installed /usr/local /usr/local
{% if not interpreter %}
RUN rm -f /usr/lib/python3.*/EXTERNALLY-MANAGED
{% endif %}
RUN ldconfig && python3 -c 'import bz2, ctypes, hashlib, lzma, readline, sqlite3, ssl, uuid, zlib' && pip --version
CMD ["python3"]

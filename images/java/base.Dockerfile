# Stands in for the official images: the root brings the JDK. Targets: runtime, sdk. No step needs the network.
FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
ENV LANG=C.UTF-8
RUN java -version

FROM runtime AS sdk
LABEL io.isolate.base="{{ label }}"
RUN javac -version

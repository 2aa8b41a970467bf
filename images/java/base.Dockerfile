# The shape of the official images: a JDK in /opt/java/openjdk, here the root's. Targets: runtime, sdk. No step needs the
# network. Links to sources and lists that Debian packages elsewhere lead nowhere.
FROM {{ root }} AS runtime
LABEL io.isolate.base="{{ label }}"
ENV LANG=C.UTF-8 JAVA_HOME=/opt/java/openjdk
RUN find -L /usr/lib/jvm -type l -delete \
 && mkdir /opt/java && ln -s "$(dirname "$(dirname "$(readlink -f /usr/bin/javac)")")" /opt/java/openjdk \
 && /opt/java/openjdk/bin/java -version

FROM runtime AS sdk
LABEL io.isolate.base="{{ label }}"
RUN javac -version

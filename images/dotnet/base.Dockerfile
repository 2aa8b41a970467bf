# The shape of .NET Core's official images, from an SDK tarball. Targets: runtime, sdk. No step needs the network.
FROM {{ root }} AS libraries
LABEL io.isolate.base="{{ label }}"
ENV DOTNET_RUNNING_IN_CONTAINER=true
{% if "openssl" in inputs %}
# ldconfig caches these libraries under mangled names; the runtime asks for the plain ones, hence the links.
COPY openssl /opt/openssl-1.0.2/lib
RUN cd /opt/openssl-1.0.2/lib && chmod 0755 * \
 && for name in ssl crypto; do \
      ln -s "$PWD"/lib$name-*.so.1.0.2q /usr/lib/x86_64-linux-gnu/lib$name.so.1.0.2 || exit 1; \
    done \
 && echo "$PWD" > /etc/ld.so.conf.d/openssl-1.0.2.conf && ldconfig
ENV SSL_CERT_DIR=/etc/ssl/certs
{% endif %}

# `dotnet help` makes 2.2 expand its archive of NuGet packages: that folder is the offline package source.
# Deleting goes by file name, never by folder: some packages are called like what is deleted.
FROM libraries AS unpacked
LABEL io.isolate.base="{{ label }}"
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false NUGET_XMLDOC_MODE=skip
COPY sdk.tgz /tmp/
RUN mkdir /usr/share/dotnet && cd /usr/share/dotnet \
 && tar -xzf /tmp/sdk.tgz --strip-components=1 --no-same-owner \
 && rm -f package.json *.js \
 && ./dotnet help > /dev/null \
 && rm -rf sdk/*/nuGetPackagesArchive.lzma sdk/*/FSharp sdk/*/DotnetTools sdk/*/TestHost \
      sdk/*/Sdks/*/tools/net4* sdk/*/Microsoft/Microsoft.NET.Build.Extensions/net4* \
 && find sdk -type d -regextype posix-extended ! -path '*/analyzers/*' ! -path '*/NuGetFallbackFolder/*' \
      -regex '.*/(cs|de|es|fr|it|ja|ko|pl|pt-BR|ru|tr|zh-Hans|zh-Hant)' -prune -exec rm -rf {} + \
 && find . -path './packs/*/ref/*.xml' -type f -delete \
 && if [ -d sdk/NuGetFallbackFolder ]; then \
      find sdk/NuGetFallbackFolder -type f -regextype posix-extended \
        -regex '.*(\.xml|\.nupkg|/lib/(net[234][^s/]*|portable[^/]*|Mono[^/]*|mono[^/]*|wp[^/]*|win[^/]*|xamarin[^/]*|Xamarin[^/]*)/.*|/runtimes/win[^/]*/.*)' \
        -delete; \
    fi \
 && mkdir /runtime && mv dotnet host shared *.txt /runtime/

FROM libraries AS runtime
LABEL io.isolate.base="{{ label }}"
COPY --from=unpacked /runtime /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet && dotnet --list-runtimes
ENV ASPNETCORE_URLS=http://+:80

FROM runtime AS sdk
LABEL io.isolate.base="{{ label }}"
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false \
    DOTNET_USE_POLLING_FILE_WATCHER=true NUGET_XMLDOC_MODE=skip
COPY --from=unpacked /usr/share/dotnet /usr/share/dotnet
RUN dotnet help > /dev/null

# SPDX-License-Identifier: Apache-2.0
#
# The image of the agent and its command line tools:
#
#   docker build --network host -t alidade:0.1.0 .
#   docker run --network host --cap-drop ALL --cap-add BPF --cap-add PERFMON \
#     --cap-add NET_ADMIN --cap-add SYS_RESOURCE --cap-add SYSLOG \
#     --group-add alidade --security-opt seccomp=deploy/seccomp.json --read-only \
#     -v /sys/fs/cgroup:/sys/fs/cgroup:ro -v /var/run/alidade:/var/run/alidade alidade:0.1.0
#
# deploy/daemonset.yaml says what each of these is for.

# Any Debian 13 will do, for example one that debootstrap made where no registry can be reached.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
# The same packages as `./dev deps` installs, less what only tests need.
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      bpftool clang cmake g++ libabsl-dev libbpf-dev libc6-dev libcli11-dev libelf-dev \
      libgrpc++-dev libmnl-dev libprotobuf-dev libre2-dev libseccomp-dev libspdlog-dev \
      libyaml-cpp-dev llvm \
      ninja-build nlohmann-json3-dev pkg-config protobuf-compiler protobuf-compiler-grpc \
      zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Warnings stop developers and CI, not whoever builds an image with another compiler.
RUN cmake --preset release -DALIDADE_TESTS=OFF -DALIDADE_WARNINGS_AS_ERRORS=OFF \
    && cmake --build build/release --target alidade \
    && DESTDIR=/out cmake --install build/release --prefix /usr/local --strip

FROM ${BASE}
# Shared libraries of the program, and nothing that could build or load another one.
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libabsl20240722 libbpf1 libgrpc++1.51t64 libmnl0 libprotobuf32t64 libre2-11 libseccomp2 \
      libspdlog1.15 \
      libstdc++6 libyaml-cpp0.8 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log
# The number is fixed, so that files on the node can be given to it. Both root without further
# capabilities and this user may make the socket in its folder.
RUN groupadd --system --gid 64244 alidade \
    && useradd --system --uid 64244 --gid alidade --no-create-home --home-dir /nonexistent \
         --shell /usr/sbin/nologin alidade \
    && install -d -o root -g alidade -m 0775 /run/alidade
COPY LICENSE LICENSES/ /usr/share/doc/alidade/
COPY --from=build /out/usr/local/bin/alidade /usr/local/bin/alidade
COPY --from=build /out/usr/local/share/alidade /usr/local/share/alidade
# Fails here, not on a node, when a library above is missing.
RUN alidade --version

LABEL org.opencontainers.image.title="alidade" \
      org.opencontainers.image.description="Per-node agent that serves network flows to Hubble clients" \
      org.opencontainers.image.licenses="Apache-2.0 AND (GPL-2.0-only OR BSD-2-Clause)"

# The Observer service. By default it is offered on loopback and on the unix socket only.
EXPOSE 4244

# There is no USER: capabilities that are added to a container reach user 0 only. Everything but
# `alidade agent` runs as any user; the agent does too where the runtime gives it ambient
# capabilities (`--user alidade`).
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["alidade", "status"]
ENTRYPOINT ["alidade"]
CMD ["agent"]

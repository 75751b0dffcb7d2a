# netpol-verify in a container: docker run --rm --read-only -v "$PWD:/work:ro" IMAGE prove
# It needs no network and writes nothing but what -o names; git: sources need --tmpfs /tmp besides. git is there for
# them; what renders charts and kustomizations (helm, kubectl) is not: render them before, and pipe the result in.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --disable-pip-version-check --wheel-dir /wheels .

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="netpol-verify" \
      org.opencontainers.image.description="Proves or refutes what a Kubernetes cluster's network policies allow" \
      org.opencontainers.image.licenses="Apache-2.0"
# The folder that is mounted belongs to somebody else, and git would refuse it.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --disable-pip-version-check --no-index --no-deps /wheels/*.whl
ENV PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["netpol-verify"]
CMD ["--help"]

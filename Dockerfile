# One image for the gateway and the sandbox; the command says which.
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /opt/crossdock
COPY pyproject.toml README.md ./
COPY docs/contracts docs/contracts
COPY engine engine
COPY gateway gateway
COPY orders orders
COPY resolvers resolvers
COPY sandbox sandbox
COPY sources sources
RUN /opt/crossdock/bin/pip install --no-cache-dir '.[mcp]'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home crossdock && install -d -o crossdock /var/lib/crossdock
COPY --from=build /opt/crossdock /opt/crossdock
ENV PATH=/opt/crossdock/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv
USER crossdock
VOLUME /var/lib/crossdock
EXPOSE 8000 8001 8002 8003 8004
# Nothing is written but the volume and /tmp, so the root may be read-only. The gateway's own check; the sandbox brings another.
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["crossdock", "serve"]
